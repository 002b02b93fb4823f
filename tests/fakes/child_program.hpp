// A program run as a child, with what it prints on standard error.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <spawn.h>

#include "tests/fakes/eventually.hpp"

namespace fieldmedic {

// Ended with SIGKILL by the destructor if it still runs. Not thread-safe.
class ChildProgram {
 public:
  explicit ChildProgram(std::vector<std::string> argv) {
    if (errors_ < 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, errors_, 2);
    std::vector<char*> arguments;
    for (auto& argument : argv) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    if (posix_spawnp(&pid, arguments.front(), &actions, nullptr, arguments.data(), environ) != 0) {
      pid = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
  }
  ~ChildProgram() {
    if (pid > 0 && !exit_status_) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
    if (errors_ >= 0) close(errors_);
  }
  ChildProgram(const ChildProgram&) = delete;
  ChildProgram& operator=(const ChildProgram&) = delete;

  // What it has printed on standard error so far.
  [[nodiscard]] const std::string& errors() {
    char buffer[4096];
    for (ssize_t got = 0;
         (got = pread(errors_, buffer, sizeof buffer, static_cast<off_t>(printed_.size()))) > 0;) {
      printed_.append(buffer, static_cast<std::size_t>(got));
    }
    return printed_;
  }

  [[nodiscard]] bool prints(std::string_view text) {
    return eventually([&] { return errors().find(text) != std::string::npos; });
  }

  // The number behind the last ':' of the line with "listening on" (any case).
  [[nodiscard]] std::optional<int> port() {
    const auto listening = [&] {
      const auto at = errors().find("istening on");
      return at != std::string::npos && printed_.find('\n', at) != std::string::npos;
    };
    if (!eventually(listening)) return std::nullopt;
    const auto at = printed_.find("istening on");
    const auto line = printed_.substr(at, printed_.find('\n', at) - at);
    return std::atoi(line.c_str() + line.rfind(':') + 1);
  }

  // 128 and the signal when a signal ended it; nothing when it still runs after the wait.
  [[nodiscard]] std::optional<int> exit_code(
      std::chrono::milliseconds within = std::chrono::seconds(60)) {
    const auto ended = [&] {
      int status = 0;
      if (!exit_status_ && waitpid(pid, &status, WNOHANG) == pid) exit_status_ = status;
      return exit_status_.has_value();
    };
    if (!eventually(ended, within)) return std::nullopt;
    return WIFEXITED(*exit_status_) ? WEXITSTATUS(*exit_status_) : 128 + WTERMSIG(*exit_status_);
  }

  pid_t pid = -1;

 private:
  // Memory and no pipe: a program that prints a lot must not wait until somebody reads.
  int errors_ = memfd_create("errors", MFD_CLOEXEC);
  std::string printed_;
  std::optional<int> exit_status_;
};

}  // namespace fieldmedic
