// The host's listening TCP sockets from NETLINK_SOCK_DIAG: about 10 µs whatever the number of
// connections, and no root needed. Protocol: sock_diag(7), linux/inet_diag.h, linux/netlink.h.
// Only the network namespace that we run in is seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/result.hpp"
#include "exporter/collector/listen_address.hpp"

struct mnl_socket;

namespace fieldmedic {

enum class DumpState { More, Done };

// Adds the listeners of one datagram of a dump's answer, which must lie at an address divisible by
// four. Messages with another sequence number are left over from an older dump and skipped.
// Errc::Malformed for lengths that do not fit, Errc::Denied and Errc::Unavailable for the kernel's
// refusal, Errc::Conflict when the dump was interrupted (sockets may be missing).
[[nodiscard]] Result<DumpState> parse_listeners(std::span<const std::byte> datagram,
                                                std::uint32_t sequence,
                                                std::vector<Listener>& listeners);

// Keeps its socket open between dumps. Not thread-safe.
class InetDiag {
 public:
  // IPv4 and IPv6. Errors as above; Errc::Unavailable also when this kernel has no such socket.
  [[nodiscard]] Result<std::vector<Listener>> listeners();

 private:
  struct CloseSocket {
    void operator()(mnl_socket* socket) const;
  };
  [[nodiscard]] Status open();
  [[nodiscard]] Status dump(int family, std::vector<Listener>& listeners);

  std::unique_ptr<mnl_socket, CloseSocket> socket_;
  std::uint32_t sequence_ = 0;
};

}  // namespace fieldmedic
