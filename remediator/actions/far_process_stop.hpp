// The step of process_restart that ends what runs, on a host over SSH. Internal to actions/.
//
// The step is that of process_stop.hpp, with the host's boot id in `seen`. There is no pidfd over
// there: each process is told by pid and start time, which one command reads right before it
// signals, some ten microseconds apart.
#pragma once

#include <stop_token>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

// As apply_stop. Needs no record: a signal that comes late meets the same process or none.
[[nodiscard]] ApplyAnswer apply_far_stop(const FarHost& host, const ApplyRequest& request,
                                         const std::stop_token& stop);
[[nodiscard]] ConfirmAnswer confirm_far_stop(const FarHost& host, const ApplyRequest& request,
                                             const std::stop_token& stop);

}  // namespace fieldmedic
