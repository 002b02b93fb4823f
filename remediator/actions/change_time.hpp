// How long after its plan a change may be sent to a server, so that one whose answer was lost is
// known to be over some time later, also after a crash. Pure; internal to actions/.
#pragma once

#include <chrono>

#include "common/clock.hpp"

namespace fieldmedic {

// Nothing is sent, nor done by the server, later than this after the plan. A plan that waited for
// an approval is made anew anyway.
inline constexpr std::chrono::seconds kLatestChange{30};

// How long a change of a plan of `planned_at` may take from `now` on: at most `timeout`; none when
// its time is over.
[[nodiscard]] std::chrono::milliseconds time_for_change(WallTime planned_at, WallTime now,
                                                        std::chrono::milliseconds timeout);
// Whether a request that was sent for it may still be on its way.
[[nodiscard]] bool may_still_come(WallTime planned_at, WallTime now);

}  // namespace fieldmedic
