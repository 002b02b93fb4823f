// Leases as JSON text, for the API.
#pragma once

#include <string>

#include "remediator/core/state.hpp"

namespace fieldmedic {

// {"leases":[…]}, by number: every temporary change that is not undone, with what it waits for.
[[nodiscard]] std::string leases_json(const core::State& state);

}  // namespace fieldmedic
