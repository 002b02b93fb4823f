// The steps that empty declared folders, on the host of the target: folder_clear.hpp or
// far_folder_clear.hpp, whichever it is. Internal to actions/.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] bool is_clear_step(const core::Step& step);

// Adds a step for each folder that holds something, and every folder's resource. Errc::Conflict:
// one that cannot be emptied safely.
[[nodiscard]] Status plan_clears_there(const std::vector<std::string>& folders,
                                       const ActionTools& tools, const core::Target& target,
                                       core::Plan& plan, const std::stop_token& stop);
[[nodiscard]] ApplyAnswer apply_clear_there(const ApplyRequest& request, const ActionTools& tools,
                                            const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_clear_there(const ApplyRequest& request,
                                                const ActionTools& tools,
                                                const std::stop_token& stop);

}  // namespace fieldmedic
