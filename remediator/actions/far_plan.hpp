// Which boot of a host over SSH a step was planned on. Internal to actions/.
#pragma once

#include <string>

#include "remediator/core/plan.hpp"

namespace fieldmedic {

// `seen` of the step, with the boot id beside what it holds.
[[nodiscard]] core::Step on_boot(core::Step step, const std::string& boot_id);

// Empty: the step is for this machine.
[[nodiscard]] std::string planned_boot_id(const core::Step& step);

}  // namespace fieldmedic
