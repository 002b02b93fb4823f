#include "exporter/collector/tcp_connect.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "common/address.hpp"
#include "common/duration.hpp"
#include "common/file_descriptor.hpp"
#include "common/socket_address.hpp"

namespace fieldmedic {
namespace {

// What connect(2) says: theirs or ours.
std::unexpected<Error> refused(int error, std::string_view address) {
  const bool theirs =
      error == ECONNREFUSED || error == ECONNRESET || error == ETIMEDOUT || error == EHOSTUNREACH;
  return fail(theirs ? Errc::Unavailable : Errc::Io,
              fmt::format("{}: {}", address, std::strerror(error)));
}

}  // namespace

Status tcp_connect(std::string_view address, std::chrono::milliseconds timeout) {
  const auto parsed = parse_address(address);
  if (!parsed) return fail(parsed.error());
  const auto to = socket_address(*parsed);
  if (!to) return fail(to.error());
  const FileDescriptor socket(
      ::socket(to->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
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
  if (error == 0 && connected_to_itself(socket.get())) error = ECONNREFUSED;
  if (error != 0) return refused(error, address);
  return {};
}

}  // namespace fieldmedic
