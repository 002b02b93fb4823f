// A journal in words, for whoever looks into a violation.
#pragma once

#include <string>
#include <vector>

#include "remediator/core/event.hpp"

namespace fieldmedic::core::sim {

// A line an event.
[[nodiscard]] std::vector<std::string> timeline(const std::vector<Event>& journal);

}  // namespace fieldmedic::core::sim
