// The check port on a host over SSH. Internal to checks/.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "remediator/checks/check.hpp"

namespace fieldmedic {

// Whether somebody listens on each address over there and lets connections in, by ss(8): none is
// made, since that would want port forwarding of the SSH user.
[[nodiscard]] core::CheckAnswer check_far_ports(const FarHost& host,
                                                const std::vector<std::string>& addresses,
                                                const std::stop_token& stop);

}  // namespace fieldmedic
