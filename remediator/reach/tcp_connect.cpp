#include "remediator/reach/tcp_connect.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace fieldmedic {

namespace {

constexpr int kIdleSeconds = 10;    // before the first keepalive, and between them
constexpr int kMostUnanswered = 3;  // keepalives
constexpr int kUnackedMs = 30'000;  // what was sent and is not acknowledged

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

template <class Socket>
SocketAddress pack(const Socket& socket) {
  SocketAddress address;
  std::memcpy(&address.storage, &socket, sizeof socket);
  address.size = sizeof socket;
  return address;
}

Result<SocketAddress> parse(const std::string& text, std::uint16_t port) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) return pack(four);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  if (inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) return pack(six);
  return fail(Errc::Invalid, "'" + text + "' is no IP address");
}

bool set(int socket, int level, int option, int value) {
  return setsockopt(socket, level, option, &value, sizeof value) == 0;
}

bool set_options(int socket) {
  return set(socket, IPPROTO_TCP, TCP_NODELAY, 1) && set(socket, SOL_SOCKET, SO_KEEPALIVE, 1) &&
         set(socket, IPPROTO_TCP, TCP_KEEPIDLE, kIdleSeconds) &&
         set(socket, IPPROTO_TCP, TCP_KEEPINTVL, kIdleSeconds) &&
         set(socket, IPPROTO_TCP, TCP_KEEPCNT, kMostUnanswered) &&
         set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, kUnackedMs);
}

std::unexpected<Error> unreachable(int error) {
  return fail(Errc::Unavailable, std::strerror(error));
}

}  // namespace

Result<FileDescriptor> tcp_connect(const std::string& address, std::uint16_t port,
                                   const Waiter& waiter) {
  const auto to = parse(address, port);
  if (!to) return fail(to.error());
  FileDescriptor made(socket(to->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made || !set_options(made.get())) return unreachable(errno);
  if (connect(made.get(), reinterpret_cast<const sockaddr*>(&to->storage), to->size) == 0)
    return made;
  if (errno != EINPROGRESS) return unreachable(errno);
  pollfd polled{made.get(), POLLOUT, 0};
  switch (waiter.wait({&polled, 1})) {
    case Waiter::Woke::Ready: break;
    case Waiter::Woke::Deadline: return unreachable(ETIMEDOUT);
    case Waiter::Woke::Stopped: return fail(Errc::Cancelled, "told to stop");
  }
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return unreachable(error);
  return made;
}

}  // namespace fieldmedic
