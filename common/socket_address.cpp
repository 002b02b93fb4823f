#include "common/socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace fieldmedic {
namespace {

template <class Socket>
SocketAddress pack(const Socket& socket) {
  SocketAddress address;
  std::memcpy(&address.storage, &socket, sizeof socket);
  address.size = sizeof socket;
  return address;
}

}  // namespace

Result<SocketAddress> socket_address(const Address& address) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(address.port);
  if (inet_pton(AF_INET, address.host.c_str(), &four.sin_addr) == 1) return pack(four);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(address.port);
  if (inet_pton(AF_INET6, address.host.c_str(), &six.sin6_addr) == 1) return pack(six);
  return fail(Errc::Invalid, "'" + address.host + "' is no IP address");
}

bool connected_to_itself(int socket) {
  SocketAddress own{.storage = {}, .size = sizeof(sockaddr_storage)};
  SocketAddress peer{.storage = {}, .size = sizeof(sockaddr_storage)};
  return getsockname(socket, own.generic(), &own.size) == 0 &&
         getpeername(socket, peer.generic(), &peer.size) == 0 && own.size == peer.size &&
         std::memcmp(&own.storage, &peer.storage, own.size) == 0;
}

}  // namespace fieldmedic
