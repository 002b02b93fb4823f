// The step of process_restart that empties one declared folder. Internal to actions/.
//
// seen:   {"device": 64768, "inode": 4711, "entries": 12}
// wanted: {"entries": 0, "path": "/var/cache/orders"}
#pragma once

#include <stop_token>
#include <string>

#include "remediator/actions/action.hpp"
#include "remediator/reach/folder.hpp"

namespace fieldmedic {

[[nodiscard]] core::Step clear_step(const std::string& path, const FolderSight& sight);
[[nodiscard]] ApplyAnswer apply_clear(const ApplyRequest& request, const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_clear(const ApplyRequest& request);

}  // namespace fieldmedic
