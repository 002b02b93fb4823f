// Whether somebody accepts TCP connections at an address.
#pragma once

#include <chrono>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

// Connects and closes; blocks for `timeout` at most. Errc::Unavailable: refused, reset or no host
// there. Errc::Timeout: no answer. Errc::Io: our own trouble (no descriptor, no route).
// Errc::Invalid: no address.
[[nodiscard]] Status tcp_connect(std::string_view address, std::chrono::milliseconds timeout);

}  // namespace fieldmedic
