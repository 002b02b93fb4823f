// state = fold(events). Holds no policy, reads no configuration and no clock (S18).
#pragma once

#include "remediator/core/event.hpp"
#include "remediator/core/state.hpp"

namespace fieldmedic::core {

// Applies one event. An event that does not fit the state (its incident is not open) changes
// nothing: a journal from a newer version may hold more than we know.
void fold(State& state, const Event& event);

}  // namespace fieldmedic::core
