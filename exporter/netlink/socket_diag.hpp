// The host's TCP sockets from NETLINK_SOCK_DIAG: who listens (about 10 µs whatever the number of
// connections) and every connection with its counters. Protocol: sock_diag(7).
#pragma once

#include <functional>
#include <optional>

#include "common/result.hpp"
#include "exporter/netlink/inet_diag.hpp"
#include "exporter/netlink/netlink_socket.hpp"

namespace fieldmedic {

// Opens its socket when first asked and keeps it. Not thread-safe.
class SocketDiag {
 public:
  using Use = std::function<void(const InetSocket&)>;

  // IPv4 and IPv6. Errors as NetlinkSocket::ask(); what was handed over by then was true.
  [[nodiscard]] Status listeners(const Use& use);

  // Those that neither listen nor wait for the end of TIME_WAIT, with their tcp_info. `between` is
  // called now and then: a dump of many takes long.
  [[nodiscard]] Status connections(const Use& use, const std::function<void()>& between);

 private:
  struct Wanted {
    std::uint32_t states;     // a set, each as 1 << its number
    std::uint8_t extensions;  // a set, each as 1 << (its number - 1)
  };
  [[nodiscard]] Status dump(const Wanted& wanted, const Use& use,
                            const std::function<void()>& between);

  std::optional<NetlinkSocket> socket_;
};

}  // namespace fieldmedic
