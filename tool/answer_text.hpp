// The remediator's answers as text for people. Pure; Errc::Malformed when the text is not the JSON
// that it should be. What alerts and hosts brought in reaches the terminal as plain characters.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic::tool {

// GET /api/v1/incidents: a table, newest first.
[[nodiscard]] Result<std::string> incidents_text(std::string_view body);

// GET /api/v1/incidents/ID: what it is, what it waits for and how to answer, and its timeline.
[[nodiscard]] Result<std::string> incident_text(std::string_view body);

// GET /api/v1/brakes: what is paused and which breakers are open.
[[nodiscard]] Result<std::string> brakes_text(std::string_view body);

// GET /api/v1/leases: temporary changes that are not undone.
[[nodiscard]] Result<std::string> leases_text(std::string_view body);

// POST /api/v1/plan: on which host, what the checks say, and each remedy with its plan.
[[nodiscard]] Result<std::string> plan_text(std::string_view body);

}  // namespace fieldmedic::tool
