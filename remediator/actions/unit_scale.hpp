// scale_out by instances of a template of systemd: orders@1.service, orders@2.service … up to the
// maximum, here or over SSH. Internal to actions/.
#pragma once

#include <memory>
#include <string>

#include "remediator/actions/action.hpp"
#include "remediator/actions/scale_choice.hpp"

namespace fieldmedic {

// An instance that is enabled, failed or masked is left alone; so is, by the undo, one that
// somebody enabled or started anew since.
[[nodiscard]] std::unique_ptr<Action> make_unit_scale(std::string unit_template, ScaleTerms terms,
                                                      const ActionTools& tools);

}  // namespace fieldmedic
