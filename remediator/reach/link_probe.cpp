#include "remediator/reach/link_probe.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>

#include "common/address.hpp"

namespace fieldmedic {

namespace {

std::unexpected<Error> no_answer(const std::string& interface, const std::string& address,
                                 int error) {
  const bool denied = error == EPERM || error == EACCES;
  return fail(
      denied ? Errc::Denied : Errc::Unavailable,
      fmt::format("{} does not answer over {}: {}", address, interface, std::strerror(error)));
}

}  // namespace

Status probe_over(const std::string& interface, const std::string& address, const Waiter& waiter) {
  const auto parsed = parse_address(address);
  if (!parsed) return fail(parsed.error());
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(parsed->port);
  if (inet_pton(AF_INET, parsed->host.c_str(), &to.sin_addr) != 1)
    return fail(Errc::Invalid, fmt::format("'{}' is no IPv4 address with a port", address));
  const FileDescriptor made(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made || setsockopt(made.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                          static_cast<socklen_t>(interface.size())) != 0)
    return no_answer(interface, address, errno);
  if (connect(made.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return {};
  if (errno != EINPROGRESS) return no_answer(interface, address, errno);
  pollfd polled{made.get(), POLLOUT, 0};
  switch (waiter.wait({&polled, 1})) {
    case Waiter::Woke::Ready: break;
    case Waiter::Woke::Deadline: return no_answer(interface, address, ETIMEDOUT);
    case Waiter::Woke::Stopped: return fail(Errc::Cancelled, "told to stop");
  }
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return no_answer(interface, address, error);
  return {};
}

}  // namespace fieldmedic
