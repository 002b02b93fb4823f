#include "exporter/collector/tcp_connect.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "common/address.hpp"
#include "common/duration.hpp"
#include "common/file_descriptor.hpp"

namespace fieldmedic {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* generic() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
};

Result<SocketAddress> socket_address(std::string_view text) {
  const auto address = parse_address(text);
  if (!address) return fail(address.error());
  SocketAddress packed;
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (inet_pton(AF_INET, address->host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(address->port);
    std::memcpy(&packed.storage, &four, packed.size = sizeof four);
  } else if (inet_pton(AF_INET6, address->host.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(address->port);
    std::memcpy(&packed.storage, &six, packed.size = sizeof six);
  } else {
    return fail(Errc::Invalid, fmt::format("'{}' is no address", text));
  }
  return packed;
}

// What connect(2) says: theirs or ours.
std::unexpected<Error> refused(int error, std::string_view address) {
  const bool theirs =
      error == ECONNREFUSED || error == ECONNRESET || error == ETIMEDOUT || error == EHOSTUNREACH;
  return fail(theirs ? Errc::Unavailable : Errc::Io,
              fmt::format("{}: {}", address, std::strerror(error)));
}

// On loopback a connection may meet itself when its own port happens to be the one it wants: nobody
// listens there.
bool met_itself(int socket) {
  SocketAddress own{.size = sizeof(sockaddr_storage)};
  SocketAddress peer{.size = sizeof(sockaddr_storage)};
  return getsockname(socket, reinterpret_cast<sockaddr*>(&own.storage), &own.size) == 0 &&
         getpeername(socket, reinterpret_cast<sockaddr*>(&peer.storage), &peer.size) == 0 &&
         own.size == peer.size && std::memcmp(&own.storage, &peer.storage, own.size) == 0;
}

}  // namespace

Status tcp_connect(std::string_view address, std::chrono::milliseconds timeout) {
  const auto to = socket_address(address);
  if (!to) return fail(to.error());
  const FileDescriptor socket(
      ::socket(to->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return refused(errno, address);
  if (connect(socket.get(), to->generic(), to->size) != 0 && errno != EINPROGRESS)
    return refused(errno, address);
  pollfd ready{socket.get(), POLLOUT, 0};
  int woke = 0;
  do {
    woke = poll(&ready, 1, static_cast<int>(timeout.count()));
  } while (woke < 0 && errno == EINTR);
  if (woke == 0)
    return fail(Errc::Timeout,
                fmt::format("{}: no answer in {}", address, format_duration(timeout)));
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0 && met_itself(socket.get())) error = ECONNREFUSED;
  if (error != 0) return refused(error, address);
  return {};
}

}  // namespace fieldmedic
