// Parts of fold() that more than one event needs. Internal to core.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "remediator/core/state.hpp"

namespace fieldmedic::core {

// The oldest go first.
template <class T>
void bound(std::deque<T>& list, std::size_t most) {
  while (list.size() > most) list.pop_front();
}

void enter(Incident& incident, Phase phase, Time at);

// Moves it from the open to the ended ones, and keeps what its target's next incident is measured
// by. Nothing when it is not open.
void end_incident(State& state, IncidentId id, Phase phase, const std::string& reason, Time at);

}  // namespace fieldmedic::core
