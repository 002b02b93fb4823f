#include "common/process_runner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <spawn.h>

#include "common/late_children.hpp"
#include "common/unique_fd.hpp"

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 forgets to say so itself
}

namespace fieldmedic {
namespace {

constexpr std::string_view kPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::string_view kLanguage = "LANG=C";
// A killed process that the kernel cannot end at once (uninterruptible sleep) is waited for so
// long, and reaped by a later run.
constexpr int kReapMs = 2'000;
// The most that is read after the end of the child, when a grandchild keeps on writing: more than a
// pipe holds (pipe(7), pipe-max-size).
constexpr std::size_t kMaxLeftover = 1 << 20;

std::unexpected<Error> system_error(std::string_view program, std::string_view doing, int error) {
  Errc code = Errc::Unavailable;
  if (error == ENOENT || error == ENOTDIR) code = Errc::NotFound;
  if (error == EACCES || error == EPERM) code = Errc::Denied;
  if (error == ENOEXEC || error == EINVAL) code = Errc::Invalid;
  if (error == E2BIG) code = Errc::TooLarge;
  return fail(code, fmt::format("{}: {}: {}", program, doing, std::strerror(error)));
}

Status validate(const Command& command) {
  const auto holds_nul = [](const std::string& text) { return text.contains('\0'); };
  if (command.argv.empty() || command.argv[0].empty()) {
    return fail(Errc::Invalid, "no program to run");
  }
  if (std::ranges::any_of(command.argv, holds_nul)) {
    return fail(Errc::Invalid, fmt::format("{}: an argument holds a NUL", command.argv[0]));
  }
  for (const auto& variable : command.environment) {
    const auto equals = variable.find('=');
    if (equals == 0 || equals == std::string::npos || holds_nul(variable)) {
      return fail(Errc::Invalid,
                  fmt::format("{}: the environment takes NAME=value", command.argv[0]));
    }
  }
  return {};
}

// PATH and LANG first, unless the command brings its own.
std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> environment;
  for (const auto variable : {kPath, kLanguage}) {
    const auto name = variable.substr(0, variable.find('=') + 1);
    const auto same = [name](const std::string& given) { return given.starts_with(name); };
    if (std::ranges::none_of(command.environment, same)) environment.emplace_back(variable);
  }
  environment.insert(environment.end(), command.environment.begin(), command.environment.end());
  return environment;
}

// The lookup of execvp, but in the PATH that the child gets, and never with a shell as last resort.
Result<std::string> find_program(const std::string& name,
                                 const std::vector<std::string>& environment) {
  if (name.contains('/')) return name;
  std::string_view path;
  for (const std::string_view variable : environment) {
    if (variable.starts_with("PATH=")) path = variable.substr(5);
  }
  int reason = ENOENT;
  while (!path.empty()) {
    const auto end = std::min(path.find(':'), path.size());
    auto candidate = fmt::format("{}/{}", path.substr(0, end), name);
    if (end != 0 && access(candidate.c_str(), X_OK) == 0) return candidate;
    if (end != 0 && errno == EACCES) reason = EACCES;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return system_error(name, "not found in PATH", reason);
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> list;
  list.reserve(strings.size() + 1);
  for (const auto& text : strings) list.push_back(const_cast<char*>(text.c_str()));  // exec's type
  list.push_back(nullptr);
  return list;
}

// One stream of the child: its end of the pipe (until the child has it), ours, and what was kept.
struct Stream {
  UniqueFd ours;
  UniqueFd childs;
  std::string kept;

  [[nodiscard]] bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    ours = UniqueFd(ends[0]);
    childs = UniqueFd(ends[1]);
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
  }

  // One read; closes our end at the end of file. Answers the bytes read, 0 when there is no more.
  std::size_t read_once(std::size_t limit) {
    if (!ours) return 0;
    std::array<char, 16 * 1024> buffer;
    const ssize_t got = read(ours.get(), buffer.data(), buffer.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (got <= 0) {
      ours.reset();
      return 0;
    }
    const auto size = static_cast<std::size_t>(got);
    kept.append(buffer.data(), std::min(size, limit - std::min(limit, kept.size())));
    return size;
  }
};

// The attributes of posix_spawn, freed with their owner.
class SpawnPlan {
 public:
  SpawnPlan(int out, int err) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t set;
    sigemptyset(&set);  // the daemon blocks and ignores signals; its children do not
    posix_spawnattr_setsigmask(&attributes_, &set);
    sigfillset(&set);
    posix_spawnattr_setsigdefault(&attributes_, &set);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // 0 or an errno.
  [[nodiscard]] int spawn(const std::string& program, const std::vector<std::string>& argv,
                          const std::vector<std::string>& environment, pid_t& pid) const {
    return posix_spawn(&pid, program.c_str(), &actions_, &attributes_, pointers(argv).data(),
                       pointers(environment).data());
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

// A timerfd is a deadline for poll without reading a clock.
UniqueFd start_timer(std::chrono::milliseconds timeout) {
  UniqueFd timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  const auto left = std::max(timeout, std::chrono::milliseconds(1));  // 0 would disarm it
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  itimerspec when{};
  when.it_value = {.tv_sec = seconds.count(),
                   .tv_nsec = std::chrono::nanoseconds(left - seconds).count()};
  if (timer && timerfd_settime(timer.get(), 0, &when, nullptr) != 0) timer.reset();
  return timer;
}

class Child {
 public:
  // Both streams and the descriptors for deadline and stop, before anything is started.
  [[nodiscard]] bool prepare(const Command& command) {
    limit_ = command.output_limit;
    stopped_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    timer_ = start_timer(command.timeout);
    return out_.open() && err_.open() && stopped_ && timer_;
  }

  [[nodiscard]] Status spawn(const Command& command) {
    const auto environment = environment_of(command);
    const auto program = find_program(command.argv[0], environment);
    if (!program) return fail(program.error());
    const SpawnPlan plan(out_.childs.get(), err_.childs.get());
    const int error = plan.spawn(*program, command.argv, environment, pid_);
    if (error != 0) return system_error(command.argv[0], "cannot be started", error);
    out_.childs.reset();
    err_.childs.reset();
    // Until we reap it the child keeps its pid, so this is the right process.
    ended_ = UniqueFd(pidfd_open(pid_, 0));
    if (ended_) return {};
    const int reason = errno;
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    return system_error(command.argv[0], "pidfd_open", reason);
  }

  enum class End { Exited, Deadline, Stopped };

  // Reads both streams until the child ends, the deadline passes or a stop is asked for.
  [[nodiscard]] End wait(const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] {
      const std::uint64_t one = 1;
      // It cannot fail: the counter holds 2^64-2 wakeups and this is the only one.
      [[maybe_unused]] const auto written = write(stopped_.get(), &one, sizeof one);
    });
    while (true) {
      // A closed stream is -1 here, which poll ignores.
      std::array<pollfd, 5> events{{{ended_.get(), POLLIN, 0},
                                    {stopped_.get(), POLLIN, 0},
                                    {timer_.get(), POLLIN, 0},
                                    {out_.ours.get(), POLLIN, 0},
                                    {err_.ours.get(), POLLIN, 0}}};
      if (poll(events.data(), events.size(), -1) < 0) continue;  // EINTR
      if (events[0].revents != 0) return End::Exited;
      if (events[1].revents != 0) return End::Stopped;
      if (events[2].revents != 0) return End::Deadline;
      if (events[3].revents != 0) out_.read_once(limit_);
      if (events[4].revents != 0) err_.read_once(limit_);
    }
  }

  // What the child wrote is in the pipes; a grandchild that holds them is not waited for.
  [[nodiscard]] ProcessResult collect() {
    for (Stream* stream : {&out_, &err_}) {
      std::size_t total = 0;
      while (total < kMaxLeftover) {
        const std::size_t got = stream->read_once(limit_);
        if (got == 0) break;
        total += got;
      }
    }
    ProcessResult result;
    siginfo_t info{};
    waitid(P_PIDFD, static_cast<id_t>(ended_.get()), &info, WEXITED);
    (info.si_code == CLD_EXITED ? result.exit_code : result.term_signal) = info.si_status;
    result.out = std::move(out_.kept);
    result.err = std::move(err_.kept);
    return result;
  }

  // The child is not reaped yet, so its group's number cannot have been given to others.
  void kill_group() {
    kill(-pid_, SIGKILL);
    pollfd ended{ended_.get(), POLLIN, 0};
    while (poll(&ended, 1, kReapMs) < 0 && errno == EINTR) {
    }
    siginfo_t info{};
    waitid(P_PIDFD, static_cast<id_t>(ended_.get()), &info, WEXITED | WNOHANG);
    if (info.si_pid == 0) reap_later(std::move(ended_));
  }

 private:
  std::size_t limit_ = 0;
  pid_t pid_ = -1;
  Stream out_;
  Stream err_;
  UniqueFd ended_;  // pidfd
  UniqueFd stopped_;
  UniqueFd timer_;
};

}  // namespace

Result<ProcessResult> LocalProcessRunner::run(const Command& command, std::stop_token stop) {
  if (const Status valid = validate(command); !valid) return fail(valid.error());
  const std::string& name = command.argv[0];
  if (stop.stop_requested()) return fail(Errc::Cancelled, fmt::format("{}: not started", name));
  reap_late_children();
  Child child;
  if (!child.prepare(command)) return system_error(name, "cannot be prepared", errno);
  if (const Status started = child.spawn(command); !started) return fail(started.error());
  switch (child.wait(stop)) {
    case Child::End::Exited: return child.collect();
    case Child::End::Deadline:
      child.kill_group();
      return fail(Errc::Timeout,
                  fmt::format("{}: killed after {} ms", name, command.timeout.count()));
    case Child::End::Stopped:
      child.kill_group();
      return fail(Errc::Cancelled, fmt::format("{}: killed, we were told to stop", name));
  }
  return fail(Errc::Invalid, name);
}

}  // namespace fieldmedic
