// The kernel's events about TCP sockets that are gone, each with its final counters
// (SKNLGRP_INET_TCP_DESTROY and the IPv6 one of sock_diag(7)): connections shorter than the time
// between two dumps show here only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "common/result.hpp"
#include "exporter/netlink/inet_diag.hpp"
#include "exporter/netlink/netlink_socket.hpp"

namespace fieldmedic {

// Not thread-safe; descriptor() may be polled by another thread.
class ConnectionEnds {
 public:
  struct Read {
    std::uint64_t events = 0;
    std::uint64_t lost = 0;  // dropped by the kernel since the last call, as they came too fast
  };

  // `room` in bytes for events that are not read yet (about 1.3 kB each); the host may give less.
  [[nodiscard]] static Result<ConnectionEnds> subscribe(std::size_t room);

  // Hands over every event that waits, at most a bounded number: whatever is left makes the
  // descriptor readable again. Errors: the subscription is broken.
  [[nodiscard]] Result<Read> read(const std::function<void(const InetSocket&)>& use);

  [[nodiscard]] int descriptor() const { return socket_.descriptor(); }

 private:
  explicit ConnectionEnds(NetlinkSocket socket) : socket_(std::move(socket)) {}

  NetlinkSocket socket_;
  std::uint32_t dropped_ = 0;  // as told last; wraps
};

}  // namespace fieldmedic
