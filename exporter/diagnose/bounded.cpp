#include "exporter/diagnose/bounded.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "common/redact_text.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostText = 500;    // bytes
constexpr std::size_t kMostSource = 200;  // bytes
constexpr std::size_t kMostExcerptLines = 20;
constexpr std::size_t kMostExcerptLine = 200;  // bytes

int rank(const Evidence& evidence) {
  if (!evidence.verdict) return 3;
  switch (*evidence.verdict) {
    case Verdict::Suspect: return 0;
    case Verdict::Unknown: return 1;
    case Verdict::Ok: return 2;
  }
  return 3;
}

// In order of rank, and within one in the order of finding.
std::vector<Evidence> most_telling(const std::vector<Evidence>& all, std::size_t most) {
  std::vector<Evidence> chosen;
  for (int wanted = 0; wanted <= 3; ++wanted) {
    for (const auto& one : all) {
      if (rank(one) == wanted && chosen.size() < most) chosen.push_back(one);
    }
  }
  return chosen;
}

// Secrets are looked for in the whole, since a private key has many lines.
std::string shown_lines(std::string_view text) {
  const auto redacted = redact_text(text);
  std::string lines;
  std::string_view rest = redacted;
  for (std::size_t i = 0; i < kMostExcerptLines && !rest.empty(); ++i) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (i > 0) lines += '\n';
    lines += shown_line(rest.substr(0, end), kMostExcerptLine);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!rest.empty()) lines += "\n…";
  return lines;
}

}  // namespace

std::vector<ShownCheck> bounded(const std::vector<DiagnosisCheck>& checks,
                                std::size_t most_evidence) {
  std::vector<ShownCheck> shown;
  for (const auto& check : checks) {
    auto& one = shown.emplace_back(ShownCheck{check, check.verdict(), 0});
    auto& evidence = one.check.evidence;
    if (evidence.size() > most_evidence) {
      one.left_out = evidence.size() - most_evidence;
      evidence = most_telling(evidence, most_evidence);
    }
    for (auto& line : evidence) {
      line.text = shown_line(line.text, kMostText);
      line.source = shown_line(line.source, kMostSource);
      line.excerpt = shown_lines(line.excerpt);
    }
  }
  return shown;
}

}  // namespace fieldmedic
