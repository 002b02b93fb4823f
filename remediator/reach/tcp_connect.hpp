// A TCP connection with a deadline, that notices when the other side is gone. Internal to reach/.
#pragma once

#include <cstdint>
#include <string>

#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

// `address` is an IPv4 or IPv6 number. The socket does not block, sends small packets at once, and
// fails within half a minute when the other side answers no more. Errc::Unavailable: it does not
// answer, Full: this machine cannot ask it, Cancelled, Invalid.
[[nodiscard]] Result<FileDescriptor> tcp_connect(const std::string& address, std::uint16_t port,
                                                 const Waiter& waiter);

// What an errno of connecting is: trouble of our own says nothing of the other side, and must not
// pass for its silence (Unavailable).
[[nodiscard]] Errc connect_fault(int error);

}  // namespace fieldmedic
