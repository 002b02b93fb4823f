// Which incident owns the cause of another (S7, D6).
#pragma once

#include "remediator/core/incident.hpp"
#include "remediator/core/policy.hpp"
#include "remediator/core/state.hpp"

namespace fieldmedic::core {

// The open incident for which this one has to wait, or 0: that of its group, where the group
// declares its scope, or else the nearest on what its target depends on. It needs no number yet.
[[nodiscard]] IncidentId owner_of(const Policy& policy, const State& state,
                                  const Incident& incident);

}  // namespace fieldmedic::core
