// A step that signals a collector so that it reads a file anew. Internal to actions/.
//
// seen    {"processes": [{"pid": 4711, "start": 123456}]}; over SSH with the host's "boot_id"
// wanted  {"signal": 1}
#pragma once

#include <stop_token>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

// Appends it to the plan, with its resource. No step where nothing of it runs: what starts reads
// the file by itself. Errc::NotFound: the target is no collector with a process.
[[nodiscard]] Status append_signal(core::Plan& plan, const core::Target& target, int signal,
                                   const ActionTools& tools, const std::stop_token& stop);

[[nodiscard]] ApplyAnswer apply_signal(const ApplyRequest& request, const ActionTools& tools,
                                       const std::stop_token& stop);
// Whether a signal came cannot be told by looking.
[[nodiscard]] ConfirmAnswer confirm_signal();

}  // namespace fieldmedic
