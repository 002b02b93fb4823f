#include <algorithm>

#include <fmt/format.h>

#include "common/redact_text.hpp"
#include "exporter/diagnose/bounded.hpp"
#include "exporter/diagnose/show.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostName = 200;     // bytes
constexpr std::size_t kMostEvidence = 32;  // of one check

// What is wrong stands out, also without colours.
std::string_view mark(std::optional<Verdict> verdict) {
  if (!verdict) return "     ";
  switch (*verdict) {
    case Verdict::Ok: return "  ok ";
    case Verdict::Suspect: return "  !! ";
    case Verdict::Unknown: return "  ?? ";
  }
  return "     ";
}

std::string_view loud(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ok: return "ok";
    case Verdict::Suspect: return "SUSPECT";
    case Verdict::Unknown: return "UNKNOWN";
  }
  return "UNKNOWN";
}

void append_excerpt(std::string_view excerpt, std::string& page) {
  while (!excerpt.empty()) {
    const auto end = std::min(excerpt.find('\n'), excerpt.size());
    page.append("       | ").append(excerpt.substr(0, end)).push_back('\n');
    excerpt.remove_prefix(std::min(end + 1, excerpt.size()));
  }
}

void append(const std::vector<DiagnosisCheck>& checks, std::size_t most_evidence,
            std::string& page) {
  for (const auto& [check, verdict, left_out] : bounded(checks, most_evidence)) {
    page += fmt::format("\n{:2} {:<10} {}\n", check.id, check.name, loud(verdict));
    for (const auto& evidence : check.evidence) {
      page += fmt::format("{}{}  [{}]\n", mark(evidence.verdict), evidence.text, evidence.source);
      append_excerpt(evidence.excerpt, page);
    }
    if (left_out > 0) page += fmt::format("     and {} more\n", left_out);
  }
}

std::string write(const Diagnosis& diagnosis, std::size_t most_evidence) {
  auto page =
      fmt::format("Collector {} on {}: {}\n{}, looked for {:.1f} s\n",
                  shown_line(diagnosis.collector, kMostName), shown_line(diagnosis.host, kMostName),
                  loud(diagnosis.verdict()), format_rfc3339(diagnosis.at),
                  std::chrono::duration<double>(diagnosis.took).count());
  append(diagnosis.checks, most_evidence, page);
  append(diagnosis.beside, most_evidence, page);
  page += "\n!! makes a collector sick   ?? cannot be told   without a mark: for you to judge\n";
  return page;
}

}  // namespace

std::string to_text(const Diagnosis& diagnosis) {
  auto most = kMostEvidence;
  auto text = write(diagnosis, most);
  while (text.size() > kMostDiagnosisBytes && most > 1) text = write(diagnosis, most /= 2);
  return text;
}

}  // namespace fieldmedic
