#include "remediator/reach/tcp_connect.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "common/socket_address.hpp"

namespace fieldmedic {

namespace {

constexpr int kIdleSeconds = 10;    // before the first keepalive, and between them
constexpr int kMostUnanswered = 3;  // keepalives
constexpr int kUnackedMs = 30'000;  // what was sent and is not acknowledged

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
  const Errc code = connect_fault(error);
  const std::string_view whose = code == Errc::Full ? "this machine cannot connect: " : "";
  return fail(code, std::string(whose) + std::strerror(error));
}

}  // namespace

Errc connect_fault(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EADDRNOTAVAIL:  // no port of ours is left
    case EAGAIN:
    case EACCES:
    case EPERM:        // a rule of our own firewall
    case ENETUNREACH:  // no route
    case ENETDOWN:
    case EAFNOSUPPORT: return Errc::Full;
    default: return Errc::Unavailable;
  }
}

Result<FileDescriptor> tcp_connect(const std::string& address, std::uint16_t port,
                                   const Waiter& waiter) {
  const auto to = socket_address({address, port});
  if (!to) return fail(to.error());
  FileDescriptor made(socket(to->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made || !set_options(made.get())) return unreachable(errno);
  if (connect(made.get(), to->generic(), to->size) == 0) return made;
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
