#include "common/helper_process.hpp"

#include <fcntl.h>
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

#include <fmt/format.h>
#include <spawn.h>

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kGrace{100};
constexpr milliseconds kLastWords{2'000};

std::string words(int error) {
  return std::generic_category().message(error);
}

int type_of(HelperProgram::Socket socket) {
  switch (socket) {
    case HelperProgram::Socket::Packets: return SOCK_SEQPACKET;
    case HelperProgram::Socket::Stream: return SOCK_STREAM;
  }
  return SOCK_SEQPACKET;
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

int spawn_helper(const HelperProgram& program, int socket, pid_t& pid) {
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
  posix_spawn_file_actions_adddup2(&setup.actions, socket, STDIN_FILENO);
  // What a library says as it aborts must not go into whatever it opened as descriptor 2.
  posix_spawn_file_actions_addopen(&setup.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&setup.actions, STDOUT_FILENO, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&setup.actions, STDERR_FILENO + 1);
  std::string name = program.name;
  std::string verb = program.verb;
  std::array<char*, 3> argv{name.data(), verb.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  return posix_spawn(&pid, program.program.c_str(), &setup.actions, &setup.attributes, argv.data(),
                     environment.data());
}

}  // namespace

Result<std::unique_ptr<HelperProcess>> HelperProcess::start(const HelperProgram& program) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, type_of(program.socket) | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return fail(Errc::Unavailable, "socketpair: " + words(errno));
  }
  FileDescriptor ours(ends[0]);
  const FileDescriptor its(ends[1]);
  pid_t pid = -1;
  if (const int error = spawn_helper(program, its.get(), pid)) {
    return fail(Errc::Unavailable,
                fmt::format("start {}: {}", program.program.native(), words(error)));
  }
  return std::unique_ptr<HelperProcess>(new HelperProcess(pid, std::move(ours)));
}

HelperProcess::HelperProcess(pid_t pid, FileDescriptor socket)
    : pid_(pid), socket_(std::move(socket)) {}

HelperProcess::~HelperProcess() {
  end();
  [[maybe_unused]] const bool gone = ended_within(kGrace);
}

void HelperProcess::end() {
  if (!reaped_) kill(pid_, SIGKILL);  // our child, not yet waited for: the pid is still its own
}

bool HelperProcess::ended() {
  reaped_ = reaped_ || waitpid(pid_, &status_, WNOHANG) == pid_;
  return reaped_;
}

bool HelperProcess::ended_within(milliseconds patience) {
  if (ended()) return true;
  const FileDescriptor handle(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (handle) {
    pollfd exit{handle.get(), POLLIN, 0};
    poll(&exit, 1, static_cast<int>(patience.count()));
  }
  return ended();
}

bool HelperProcess::dismiss(milliseconds patience) {
  shutdown(socket_.get(), SHUT_RDWR);
  return ended_within(patience);
}

std::string HelperProcess::last_words() {
  if (!ended_within(kLastWords)) return "closed its socket";
  if (WIFSIGNALED(status_)) return fmt::format("was ended by signal {}", WTERMSIG(status_));
  return fmt::format("exited with {}", WEXITSTATUS(status_));
}

}  // namespace fieldmedic
