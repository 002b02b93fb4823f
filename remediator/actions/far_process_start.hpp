// The step of process_restart that starts the collector, on a host over SSH. Internal to actions/.
//
// The step is that of process_start.hpp, with the host's boot id in `seen`. The start leaves the
// record of far_attempt.hpp over there, so that an attempt never starts two; what runs then is told
// by the attempt in its environment, as here.
#pragma once

#include <stop_token>

#include "remediator/actions/action.hpp"

namespace fieldmedic {

// As apply_start.
[[nodiscard]] ApplyAnswer apply_far_start(const FarHost& host, const ApplyRequest& request,
                                          const CollectorSpec& collector,
                                          const std::stop_token& stop);
// As confirm_start, and by the record where nothing of the attempt runs.
[[nodiscard]] ConfirmAnswer confirm_far_start(const FarHost& host, const ApplyRequest& request,
                                              const std::stop_token& stop);

}  // namespace fieldmedic
