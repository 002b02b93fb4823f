// Who listens on a host over SSH, as its ss(8) of iproute2 tells it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/address.hpp"
#include "common/process_runner.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// One listening TCP socket.
struct Listener {
  std::string host;  // "127.0.0.1", "::1", "0.0.0.0", "::", "*" (both families)
  std::uint16_t port = 0;
  unsigned waiting = 0;  // connections that nobody has taken yet
  unsigned most = 0;     // of them; more are not let in

  friend bool operator==(const Listener&, const Listener&) = default;
};

[[nodiscard]] Command ask_listeners();

// Errc::Malformed: a line is none of ss'. Pure.
[[nodiscard]] Result<std::vector<Listener>> parse_listeners(std::string_view text);

// The one that a connection to `address` would reach over there, where an address without a host
// means loopback; null: none. Pure.
[[nodiscard]] const Listener* listener_of(const Address& address,
                                          const std::vector<Listener>& listeners);

}  // namespace fieldmedic
