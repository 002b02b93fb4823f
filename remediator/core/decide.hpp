// Decides. Pure: no clock, no I/O, no configuration but the Policy given; the answer says why.
#pragma once

#include <optional>
#include <vector>

#include "remediator/core/effect.hpp"
#include "remediator/core/event.hpp"
#include "remediator/core/input.hpp"
#include "remediator/core/policy.hpp"
#include "remediator/core/state.hpp"

namespace fieldmedic::core {

struct Decision {
  std::vector<Event> events;    // to be recorded first
  std::vector<Effect> effects;  // to be released when the events are on disk
  std::vector<IgnoreReason>
      repeated;  // alerts that changed nothing because they are known: counted, not recorded
  std::optional<Status> verdict;  // on what a person ordered: done, or why not
};

// One step: what follows from `input` at `now` (not before state.last). `state` moves on by exactly
// the events of the answer: afterwards it equals fold over them. Deterministic.
[[nodiscard]] Decision decide(const Policy& policy, State& state, const Input& input, Time now);

}  // namespace fieldmedic::core
