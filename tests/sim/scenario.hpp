// One episode's fleet and configuration, drawn from its seed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "remediator/core/policy.hpp"
#include "remediator/core/target.hpp"
#include "tests/sim/rng.hpp"

namespace fieldmedic::core::sim {

struct Scenario {
  std::vector<Target> targets;
  std::vector<std::shared_ptr<const Playbook>> for_collectors;  // two: their alerts share targets
  std::shared_ptr<const Playbook> for_hosts;
  std::shared_ptr<const Playbook> for_groups;
  std::shared_ptr<const Policy> policy;
};

[[nodiscard]] Scenario make_scenario(Rng& rng, int hosts);

// A reload: limits, modes, inventory and switches as somebody may set them meanwhile. `usual` is
// what the episode began with, to which it often returns.
[[nodiscard]] std::shared_ptr<const Policy> reloaded(const Policy& usual, Rng& rng, Time now);

// The longest that an incident may take from its opening to its end when nothing fails any more, by
// the limits that its playbook gives.
[[nodiscard]] Duration longest_life(const Scenario& scenario);

}  // namespace fieldmedic::core::sim
