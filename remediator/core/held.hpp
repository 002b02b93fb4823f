// What answers of checks prove over time.
#pragma once

#include <optional>
#include <vector>

#include "remediator/core/incident.hpp"

namespace fieldmedic::core {

[[nodiscard]] bool same_verdicts(const std::vector<CheckState>& before,
                                 const std::vector<CheckAnswer>& now);

// When every check will have passed for its hold; none while one does not pass. `states` are those
// of `specs`, or empty when they have not answered.
[[nodiscard]] std::optional<Time> held_at(const std::vector<CheckState>& states,
                                          const std::vector<CheckSpec>& specs);

}  // namespace fieldmedic::core
