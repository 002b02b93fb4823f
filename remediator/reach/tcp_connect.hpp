// A TCP connection with a deadline, that notices when the other side is gone. Internal to reach/.
#pragma once

#include <cstdint>
#include <string>

#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

// `address` is an IPv4 or IPv6 number. The socket does not block, sends small packets at once, and
// fails within half a minute when the other side answers no more. Errc::Unavailable, Cancelled,
// Invalid.
[[nodiscard]] Result<FileDescriptor> tcp_connect(const std::string& address, std::uint16_t port,
                                                 const Waiter& waiter);

}  // namespace fieldmedic
