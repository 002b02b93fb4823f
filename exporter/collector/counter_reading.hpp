// What a collector's page says of its success, whatever the page's format.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "exporter/collector/success_config.hpp"

namespace fieldmedic {

struct CounterReading {
  double attempts = 0;
  std::optional<double> failures{};    // empty: not told; never more than attempts
  std::optional<double> backlog{};     // likewise
  std::optional<WallTime> at{};        // when the page says that its numbers were taken
  std::vector<std::string> missing{};  // terms that nothing matches, and that were taken as 0

  friend bool operator==(const CounterReading&, const CounterReading&) = default;
};

// The sum of all that a term matches; empty: nothing matches.
using SumOfTerm = std::function<Result<std::optional<double>>(const std::string& term)>;

// Errc::NotFound when nothing matches the attempts (or the successes that stand for them): a page
// of something else. A failure or a backlog that nothing matches may only not have happened yet.
[[nodiscard]] Result<CounterReading> read_terms(const SuccessTerms& terms, const SumOfTerm& sum);

}  // namespace fieldmedic
