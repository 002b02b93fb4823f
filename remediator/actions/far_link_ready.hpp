// What link_switch wants of a host over SSH. Internal to actions/.
#pragma once

#include <stop_token>

#include "common/result.hpp"
#include "remediator/reach/far_hosts.hpp"
#include "remediator/reach/route_switch.hpp"

namespace fieldmedic {

// Whether the host has all that the switch and its way back want, and lets us use it.
// Errc::Invalid, Conflict, Denied: it has not, and why. Else the runner's errors.
[[nodiscard]] Status ready_for_far_switch(const FarHost& host, const RouteSwitch& planned,
                                          const std::stop_token& stop);

}  // namespace fieldmedic
