#include "exporter/collector/line_counters.hpp"

#include <charconv>
#include <cmath>

#include <re2/re2.h>

namespace fieldmedic {

struct LineCounters::Expression {
  std::string term;
  Counts counts;
  std::shared_ptr<const re2::RE2> compiled;
};

namespace {

// Latin-1 and bounded as those of severities are.
std::shared_ptr<const re2::RE2> compile(const std::string& term) {
  re2::RE2::Options options;
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return std::make_shared<const re2::RE2>(term, options);
}

std::optional<double> to_count(const re2::StringPiece& text) {
  double number = 0;
  const auto* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const bool whole = parsed.ec == std::errc{} && parsed.ptr == end && !text.empty();
  return whole && std::isfinite(number) && number >= 0 ? std::optional(number) : std::nullopt;
}

std::optional<double> told(const re2::RE2& expression, std::string_view line) {
  const re2::StringPiece text(line.data(), line.size());
  if (!expression.ok()) return std::nullopt;
  if (expression.NumberOfCapturingGroups() == 0) {
    return re2::RE2::PartialMatch(text, expression) ? std::optional(1.0) : std::nullopt;
  }
  re2::StringPiece number;
  if (!re2::RE2::PartialMatch(text, expression, &number)) return std::nullopt;
  return to_count(number);
}

}  // namespace

LineCounters::LineCounters(const SuccessTerms& terms, Counts counts) : terms_(terms) {
  for (const auto* list : {&terms.attempts, &terms.successes, &terms.failures}) {
    for (const auto& term : *list) {
      expressions_.push_back({term, counts, compile(term)});
      if (counts == Counts::Delta) numbers_[term] = 0;
    }
  }
  for (const auto& term : terms.backlog) {
    expressions_.push_back({term, Counts::Cumulative, compile(term)});
  }
}

LineCounters::~LineCounters() = default;

bool LineCounters::take(std::string_view line) {
  bool any = false;
  for (const auto& [term, counts, compiled] : expressions_) {
    const auto number = told(*compiled, line);
    if (!number) continue;
    any = true;
    switch (counts) {
      case Counts::Cumulative: numbers_[term] = *number; break;
      case Counts::Delta: numbers_[term] += *number; break;
    }
  }
  return any;
}

Result<CounterReading> LineCounters::reading() const {
  return read_terms(terms_, [this](const std::string& term) -> Result<std::optional<double>> {
    const auto found = numbers_.find(term);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
  });
}

void LineCounters::resume(const Numbers& numbers) {
  for (const auto& expression : expressions_) {
    const auto found = numbers.find(expression.term);
    if (found != numbers.end()) numbers_[expression.term] = found->second;
  }
}

}  // namespace fieldmedic
