#include "exporter/files/file_helper_link.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "exporter/files/file_helper.hpp"
#include "exporter/files/file_wire.hpp"

namespace fieldmedic {

Result<std::unique_ptr<FileHelperLink>> FileHelperLink::start(
    const std::filesystem::path& program) {
  auto process = HelperProcess::start({.program = program,
                                       .name = "fieldmedic-exporter",
                                       .verb = std::string(kFileHelperFlag),
                                       .socket = HelperProgram::Socket::Packets});
  if (!process) return wrap(std::move(process.error()), "file helper");
  return std::unique_ptr<FileHelperLink>(new FileHelperLink(std::move(*process)));
}

FileHelperLink::FileHelperLink(std::unique_ptr<HelperProcess> process)
    : process_(std::move(process)),
      buffer_(std::make_unique_for_overwrite<char[]>(kMostMessageBytes)) {}

Status FileHelperLink::send(std::string_view message) {
  if (::send(socket(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
    return {};
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) return fail(Errc::Full, "file helper: busy");
  return fail(Errc::Unavailable, "file helper: " + std::generic_category().message(errno));
}

Result<std::string_view> FileHelperLink::receive() {
  ssize_t length = -1;
  do {
    length = recv(socket(), buffer_.get(), kMostMessageBytes, MSG_DONTWAIT);
  } while (length < 0 && errno == EINTR);
  if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return fail(Errc::Timeout, "file helper: no answer yet");
  }
  if (length <= 0) return fail(Errc::Unavailable, "file helper: ended");
  return std::string_view(buffer_.get(), static_cast<std::size_t>(length));
}

}  // namespace fieldmedic
