// Makes a failing episode small: fewer faults, fewer hosts, the shortest prefix.
#pragma once

#include "tests/sim/episode.hpp"

namespace fieldmedic::core::sim {

// `failing` breaks `rule`; what is returned breaks the same rule. By trial, within a bound.
[[nodiscard]] Setup shrink(Setup failing, Rule rule);

}  // namespace fieldmedic::core::sim
