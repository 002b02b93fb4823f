#include "exporter/collector/severity_rules.hpp"

#include <algorithm>
#include <vector>

#include <re2/re2.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kLookedAt = 4096;
using Expressions = std::vector<std::unique_ptr<re2::RE2>>;

// Latin-1, so that bytes that are no UTF-8 do not end the search; an expression in UTF-8 matches
// the same bytes. The cache is bounded, since the exporter is to stay small.
Expressions compile(const std::vector<std::string>& patterns) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  Expressions expressions;
  for (const auto& pattern : patterns) {
    expressions.push_back(std::make_unique<re2::RE2>(pattern, options));
  }
  return expressions;
}

bool any_matches(const Expressions& expressions, std::string_view line) {
  const re2::StringPiece text(line.data(), line.size());
  return std::ranges::any_of(expressions, [&](const std::unique_ptr<re2::RE2>& expression) {
    return expression->ok() && re2::RE2::PartialMatch(text, *expression);
  });
}

}  // namespace

struct SeverityRules::Compiled {
  Expressions ignore, error, warning, info;
  bool built_in = true;
};

SeverityRules::SeverityRules(const SeverityPatterns& patterns) {
  if (patterns == SeverityPatterns{}) return;
  compiled_ = std::make_shared<const Compiled>(
      Compiled{compile(patterns.ignore), compile(patterns.error), compile(patterns.warning),
               compile(patterns.info), patterns.built_in});
}

std::optional<Severity> SeverityRules::severity(std::string_view line) const {
  line = line.substr(0, kLookedAt);
  if (!compiled_) return severity_of(line);
  if (any_matches(compiled_->ignore, line)) return std::nullopt;
  if (any_matches(compiled_->error, line)) return Severity::Error;
  if (any_matches(compiled_->warning, line)) return Severity::Warning;
  if (any_matches(compiled_->info, line)) return Severity::Info;
  return compiled_->built_in ? severity_of(line) : Severity::Other;
}

}  // namespace fieldmedic
