// Whether a TCP service answers over one link, whatever the routes say.
#pragma once

#include <string>

#include "common/result.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

// `address` is "10.9.0.1:443", IPv4. Connects by the interface (SO_BINDTODEVICE); where the address
// lies behind a gateway, the interface needs a default route, of whatever metric. Errc::Unavailable
// (refused too: nobody there is no proof of a way there), Denied, Invalid, Cancelled.
[[nodiscard]] Status probe_over(const std::string& interface, const std::string& address,
                                const Waiter& waiter);

}  // namespace fieldmedic
