// A real child process of the test, ended with it.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "common/process_table.hpp"
#include "tests/fakes/eventually.hpp"

namespace fieldmedic {

// It has ended and nobody has waited for it yet.
[[nodiscard]] inline bool is_zombie(pid_t pid) {
  const auto process = read_process("/proc", pid);
  return process && process->state == 'Z';
}

class OwnChild {
 public:
  enum class Term { Default, Ignored };

  // Leads its own session; returns once the program has taken over.
  explicit OwnChild(const std::vector<std::string>& argv, Term term = Term::Default,
                    std::vector<std::string> environment = {}) {
    std::vector<char*> pointers;
    for (const std::string& argument : argv)
      pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    environment.emplace_back("PATH=/usr/bin:/bin");
    std::vector<char*> variables;
    for (std::string& variable : environment) variables.push_back(variable.data());
    variables.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      setsid();
      if (term == Term::Ignored) signal(SIGTERM, SIG_IGN);
      const int null = open("/dev/null", O_RDWR);
      for (const int standard : {0, 1, 2}) dup2(null, standard);
      execve(pointers[0], pointers.data(), variables.data());
      _exit(127);
    }
    const auto program = std::filesystem::canonical(argv[0]);
    running = eventually([&] {
      const auto process = read_process("/proc", pid_);
      return process && process->executable == program;
    });
  }
  OwnChild(const OwnChild&) = delete;
  OwnChild& operator=(const OwnChild&) = delete;
  ~OwnChild() {
    if (reaped_) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  // Waits for its end; answers the signal that ended it, or 0.
  int reap() {
    int status = 0;
    waitpid(pid_, &status, 0);
    reaped_ = true;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] ProcessIdentity identity() const {
    return read_process("/proc", pid_).value_or(ProcessInfo{}).identity;
  }

  bool running = false;

 private:
  pid_t pid_ = -1;
  bool reaped_ = false;
};

}  // namespace fieldmedic
