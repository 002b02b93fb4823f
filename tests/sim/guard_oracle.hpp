// Each guard's question answered a second time, from the ledger and by other code than the
// product's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "remediator/core/guard.hpp"
#include "remediator/core/input.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/rules.hpp"

namespace fieldmedic::core::sim {

// What a guard is asked with.
struct Question {
  const Ledger& ledger;
  const Policy& policy;
  IncidentId incident;
  const Case& one;
  const std::vector<std::string>& resources;
  const Planned* planned;  // null: there is none
  Time now;
};

// Whether acting now would break this guard's limit.
[[nodiscard]] bool exceeded(Guard guard, const Question& question);

// Whether others may not touch one of these while the lease lasts.
[[nodiscard]] bool keeps(const Rented& lease, const std::vector<std::string>& resources);

// The rule that says the guard's limit is kept.
[[nodiscard]] Rule rule_of(Guard guard);

}  // namespace fieldmedic::core::sim
