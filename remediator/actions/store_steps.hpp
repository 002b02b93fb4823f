// The steps of data_divert and of its undo: the link, the processes, what is left behind; here, or
// on a host over SSH, whose "boot_id" is then in `seen` of each. Internal to actions/.
//
// link    seen {"points_to": "/data/orders"}
//         wanted {"link": "/var/spool/orders", "points_to": "/mnt/spare/orders"}
// let go  seen {"processes": [{"pid": 4711, "start": 123456}]}
//         wanted {"lets_go_of": "/data/orders", "pattern": {…}, "signal": 1}
// replay  seen {"files": 12}
//         wanted {"argv": ["/usr/local/bin/replay"], "empty": "/mnt/spare/orders",
//                 "into": "/data/orders"}
#pragma once

#include <sys/types.h>

#include <stop_token>
#include <string>
#include <vector>

#include "remediator/actions/action.hpp"
#include "remediator/reach/process_family.hpp"

namespace fieldmedic {

[[nodiscard]] core::Step link_step(const std::string& link, const std::string& from,
                                   const std::string& to);
// `signal`: its number.
[[nodiscard]] core::Step let_go_step(const std::vector<ProcessInfo>& members,
                                     const CollectorSpec& collector, int signal,
                                     const std::string& folder);
[[nodiscard]] core::Step replay_step(const std::vector<std::string>& argv,
                                     const std::string& folder, const std::string& into,
                                     std::size_t files);

// Whichever of the three the step is, on the host `far`, where it was planned (far_plan.hpp); null:
// here.
[[nodiscard]] ApplyAnswer apply_store_step(const ApplyRequest& request, const ActionTools& tools,
                                           const FarHost* far, const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_store_step(const ApplyRequest& request,
                                               const ActionTools& tools, const FarHost* far,
                                               const std::stop_token& stop);

}  // namespace fieldmedic
