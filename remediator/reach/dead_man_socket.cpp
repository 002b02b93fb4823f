#include "remediator/reach/dead_man_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include <fmt/core.h>

namespace fieldmedic {

namespace {

struct Name {
  sockaddr_un address{};
  socklen_t size = 0;
};

// An abstract name, which goes with its process.
Result<Name> name_of(const std::string& attempt) {
  const std::string text = "fieldmedic-dead-man-" + attempt;
  Name name;
  name.address.sun_family = AF_UNIX;
  if (attempt.empty() || text.size() + 1 > sizeof name.address.sun_path)
    return fail(Errc::Invalid, "dead man: no attempt, or too long a name");
  std::memcpy(name.address.sun_path + 1, text.data(), text.size());
  name.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
  return name;
}

std::optional<ucred> credentials(const FileDescriptor& peer) {
  ucred found{};
  socklen_t size = sizeof found;
  if (getsockopt(peer.get(), SOL_SOCKET, SO_PEERCRED, &found, &size) != 0) return std::nullopt;
  return found;
}

FileDescriptor new_socket() {
  return FileDescriptor(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

}  // namespace

Result<FileDescriptor> listen_as_dead_man(const std::string& attempt) {
  const auto name = name_of(attempt);
  if (!name) return fail(name.error());
  FileDescriptor made = new_socket();
  if (!made) return fail(Errc::Io, "dead man: no socket left");
  if (bind(made.get(), reinterpret_cast<const sockaddr*>(&name->address), name->size) != 0)
    return fail(Errc::Conflict, fmt::format("dead man: {}", std::strerror(errno)));
  constexpr int kBacklog = 8;
  if (listen(made.get(), kBacklog) != 0) return fail(Errc::Io, "dead man: cannot listen");
  return made;
}

Result<FileDescriptor> reach_dead_man(const std::string& attempt) {
  const auto name = name_of(attempt);
  if (!name) return fail(name.error());
  FileDescriptor made = new_socket();
  if (!made) return fail(Errc::Io, "dead man: no socket left");
  if (connect(made.get(), reinterpret_cast<const sockaddr*>(&name->address), name->size) != 0) {
    if (errno == ECONNREFUSED) return FileDescriptor();
    return fail(Errc::Io, fmt::format("dead man: {}", std::strerror(errno)));
  }
  if (!is_trusted(made)) return fail(Errc::Denied, "dead man: another user took its name");
  return made;
}

bool is_trusted(const FileDescriptor& peer) {
  const auto found = credentials(peer);
  return found && (found->uid == geteuid() || found->uid == 0);
}

pid_t pid_of_peer(const FileDescriptor& peer) {
  const auto found = credentials(peer);
  return found ? found->pid : 0;
}

bool say_word(const FileDescriptor& peer, std::string_view word) {
  return send(peer.get(), word.data(), word.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(word.size());
}

std::optional<std::string> take_word(const FileDescriptor& peer) {
  std::array<char, 64> buffer{};
  const ssize_t got = recv(peer.get(), buffer.data(), buffer.size(), 0);
  if (got <= 0) return std::nullopt;
  return std::string(buffer.data(), static_cast<std::size_t>(got));
}

}  // namespace fieldmedic
