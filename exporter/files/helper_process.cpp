#include "exporter/files/helper_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <spawn.h>

#include "exporter/files/file_helper.hpp"
#include "exporter/files/file_outcome.hpp"
#include "exporter/files/file_wire.hpp"

namespace fieldmedic {
namespace {

constexpr int kGraceMs = 100;

std::string words(int error) {
  return std::generic_category().message(error);
}

// posix_spawn's attributes and actions, released together.
struct SpawnSetup {
  SpawnSetup() {
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&actions);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  posix_spawnattr_t attributes{};
  posix_spawn_file_actions_t actions{};
};

int spawn_helper(const std::filesystem::path& program, int socket, pid_t& pid) {
  SpawnSetup setup;
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&setup.attributes, &none);
  posix_spawnattr_setsigdefault(&setup.attributes, &all);
  posix_spawnattr_setpgroup(&setup.attributes, 0);
  posix_spawnattr_setflags(&setup.attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  posix_spawn_file_actions_adddup2(&setup.actions, socket, 0);
  posix_spawn_file_actions_addclosefrom_np(&setup.actions, 1);
  std::string name = "fieldmedic-exporter";
  std::string flag(kFileHelperFlag);
  std::array<char*, 3> argv{name.data(), flag.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  return posix_spawn(&pid, program.c_str(), &setup.actions, &setup.attributes, argv.data(),
                     environment.data());
}

}  // namespace

Result<std::unique_ptr<HelperProcess>> HelperProcess::start(const std::filesystem::path& program) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(Errc::Unavailable, "file helper: socketpair: " + words(errno));
  }
  FileDescriptor ours(ends[0]);
  const FileDescriptor its(ends[1]);
  pid_t pid = -1;
  if (const int error = spawn_helper(program, its.get(), pid)) {
    return fail(Errc::Unavailable, "file helper: start " + program.native() + ": " + words(error));
  }
  return std::unique_ptr<HelperProcess>(new HelperProcess(pid, std::move(ours)));
}

HelperProcess::HelperProcess(pid_t pid, FileDescriptor socket)
    : pid_(pid),
      socket_(std::move(socket)),
      buffer_(std::make_unique_for_overwrite<char[]>(kMostMessageBytes)) {}

HelperProcess::~HelperProcess() {
  end();
  if (ended()) return;
  const FileDescriptor handle(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (handle) {
    pollfd exit{handle.get(), POLLIN, 0};
    poll(&exit, 1, kGraceMs);
  }
  waitpid(pid_, nullptr, WNOHANG);
}

void HelperProcess::end() {
  if (!reaped_) kill(pid_, SIGKILL);  // our child, not yet waited for: the pid is still its own
}

bool HelperProcess::ended() {
  reaped_ = reaped_ || waitpid(pid_, nullptr, WNOHANG) == pid_;
  return reaped_;
}

Status HelperProcess::send(std::string_view message) {
  if (::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
    return {};
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) return fail(Errc::Full, "file helper: busy");
  return fail(Errc::Unavailable, "file helper: " + words(errno));
}

Result<std::string_view> HelperProcess::receive() {
  ssize_t length = -1;
  do {
    length = recv(socket_.get(), buffer_.get(), kMostMessageBytes, MSG_DONTWAIT);
  } while (length < 0 && errno == EINTR);
  if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return fail(Errc::Timeout, "file helper: no answer yet");
  }
  if (length <= 0) return fail(Errc::Unavailable, "file helper: ended");
  return std::string_view(buffer_.get(), static_cast<std::size_t>(length));
}

}  // namespace fieldmedic
