// Conditions of tiers (`when`) that scenarios have, each with its meaning written a second time.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/ledger.hpp"
#include "tests/sim/rng.hpp"

namespace fieldmedic::core::sim {

[[nodiscard]] std::string some_condition(Rng& rng);

// Whether it holds by the ledger; nothing when that cannot be told. An empty one holds.
[[nodiscard]] std::optional<bool> condition_holds(const std::string& when, const Case& one);

}  // namespace fieldmedic::core::sim
