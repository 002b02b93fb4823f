// scale_out by clones of a container: orders-fieldmedic-2, orders-fieldmedic-3 … up to the maximum,
// the container itself being the first. Internal to actions/.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "remediator/actions/action.hpp"
#include "remediator/actions/scale_choice.hpp"

namespace fieldmedic {

// A clone is known by its labels (docker_clone.hpp): no other container is started, ended or
// removed, whatever its name. Each is two changes, and so two steps: made, then started.
[[nodiscard]] std::unique_ptr<Action> make_container_scale(std::string container, ScaleTerms terms,
                                                           const ActionTools& tools);

}  // namespace fieldmedic
