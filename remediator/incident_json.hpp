// Incidents as JSON text, for the API.
#pragma once

#include <string>
#include <vector>

#include "remediator/core/incident.hpp"
#include "remediator/core/state.hpp"
#include "remediator/journal/journal.hpp"

namespace fieldmedic {

// Which incidents a list shows.
enum class Listed { All, Open, Ended };

// {"incidents":[…]}, newest first, at most `most`; each without its timeline.
[[nodiscard]] std::string incidents_json(const core::State& state, Listed listed, std::size_t most);

// One incident with its timeline: every recorded event in order, with reasons and evidence; and
// those that wait for it, the first 1,000 by number.
[[nodiscard]] std::string incident_json(const core::Incident& incident,
                                        const std::vector<Record>& timeline,
                                        const core::Related::Ids& adopted);

// {"paused": {scope: by whom and why}, "open_breakers": {scope: why}}.
[[nodiscard]] std::string brakes_json(const core::State& state);

}  // namespace fieldmedic
