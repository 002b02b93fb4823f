#include "exporter/collector/counter_reading.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/quote.hpp"

namespace fieldmedic {
namespace {

struct Total {
  double value = 0;
  std::vector<std::string> missing;
};

Result<Total> total(const std::vector<std::string>& terms, const SumOfTerm& sum) {
  Total total;
  for (const auto& term : terms) {
    const auto found = sum(term);
    if (!found) return fail(found.error());
    if (const auto& value = *found) {
      total.value += *value;
    } else {
      total.missing.push_back(term);
    }
  }
  return total;
}

bool nothing_of(const Total& total, const std::vector<std::string>& terms) {
  return !terms.empty() && total.missing.size() == terms.size();
}

}  // namespace

Result<CounterReading> read_terms(const SuccessTerms& terms, const SumOfTerm& sum) {
  const auto attempts = total(terms.attempts, sum);
  if (!attempts) return fail(attempts.error());
  const auto successes = total(terms.successes, sum);
  if (!successes) return fail(successes.error());
  auto failures = total(terms.failures, sum);
  if (!failures) return fail(failures.error());
  auto backlog = total(terms.backlog, sum);
  if (!backlog) return fail(backlog.error());
  for (const auto* list : {&terms.attempts, &terms.successes}) {
    const auto& found = list == &terms.attempts ? *attempts : *successes;
    if (nothing_of(found, *list))
      return fail(Errc::NotFound, fmt::format("nothing matches {}", quote(list->front())));
  }
  CounterReading reading;
  if (terms.attempts.empty()) {
    reading.attempts = successes->value + failures->value;
  } else {
    reading.attempts = attempts->value;
  }
  if (!terms.failures.empty()) {
    reading.failures = std::min(failures->value, reading.attempts);
  } else if (!terms.attempts.empty() && !terms.successes.empty()) {
    reading.failures = std::max(0.0, reading.attempts - successes->value);
  }
  if (!terms.backlog.empty() && !nothing_of(*backlog, terms.backlog))
    reading.backlog = backlog->value;
  reading.missing = std::move(failures->missing);
  for (auto& term : backlog->missing) reading.missing.push_back(std::move(term));
  return reading;
}

}  // namespace fieldmedic
