// An address and a port as the calls of sockets take them.
#pragma once

#include <sys/socket.h>

#include "common/address.hpp"
#include "common/result.hpp"

namespace fieldmedic {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* generic() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
  [[nodiscard]] sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
};

// Errc::Invalid when the host is no IPv4 or IPv6 number; an empty one is none.
[[nodiscard]] Result<SocketAddress> socket_address(const Address& address);

// On loopback a connection may meet itself when its own port happens to be the one it wants: nobody
// listens there. False when the kernel does not say.
[[nodiscard]] bool connected_to_itself(int socket);

}  // namespace fieldmedic
