#include "exporter/host/statfs_process.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <spawn.h>

#include "exporter/host/statfs_protocol.hpp"

namespace fieldmedic {
namespace {

constexpr int kGraceMs = 100;

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
  std::string flag(kStatfsHelperFlag);
  std::array<char*, 3> argv{name.data(), flag.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  return posix_spawn(&pid, program.c_str(), &setup.actions, &setup.attributes, argv.data(),
                     environment.data());
}

Errc code_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return Errc::NotFound;
    case EACCES:
    case EPERM: return Errc::Denied;
    case ETIMEDOUT: return Errc::Unavailable;
    default: return Errc::Io;
  }
}

}  // namespace

Result<std::unique_ptr<StatfsProcess>> StatfsProcess::start(const std::filesystem::path& program) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(Errc::Io, std::string("socketpair: ") + std::strerror(errno));
  }
  pid_t pid = -1;
  const int error = spawn_helper(program, ends[1], pid);
  close(ends[1]);
  if (error != 0) {
    close(ends[0]);
    return fail(code_of(error), "start " + program.string() + ": " + std::strerror(error));
  }
  return std::unique_ptr<StatfsProcess>(new StatfsProcess(pid, ends[0]));
}

StatfsProcess::~StatfsProcess() {
  close(socket_);
  kill(pid_, SIGKILL);  // our child, not yet waited for: the pid is still its own
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (handle >= 0) {
    pollfd ended{handle, POLLIN, 0};
    poll(&ended, 1, kGraceMs);
    close(handle);
  }
  waitpid(pid_, nullptr, WNOHANG);
}

Status StatfsProcess::send(const std::string& path) {
  if (path.empty() || path.size() >= kLongestPath) {
    return fail(Errc::Invalid, "a path of " + std::to_string(path.size()) + " bytes");
  }
  if (::send(socket_, path.data(), path.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    return fail(Errc::Unavailable, std::string("statfs helper: ") + std::strerror(errno));
  }
  return {};
}

Result<Result<FilesystemSpace>> StatfsProcess::receive() {
  StatfsAnswer answer;
  ssize_t length = -1;
  do {
    length = recv(socket_, &answer, sizeof answer, MSG_DONTWAIT);
  } while (length < 0 && errno == EINTR);
  if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return fail(Errc::Timeout, "statfs helper: no answer yet");
  }
  if (length != static_cast<ssize_t>(sizeof answer)) {
    return fail(Errc::Unavailable, "statfs helper: ended");
  }
  if (answer.error != 0) {
    return Result<FilesystemSpace>(
        fail(code_of(answer.error), std::string("statfs: ") + std::strerror(answer.error)));
  }
  return Result<FilesystemSpace>(
      FilesystemSpace{answer.block_size, answer.blocks, answer.free_blocks, answer.available_blocks,
                      answer.files, answer.free_files, answer.read_only != 0});
}

}  // namespace fieldmedic
