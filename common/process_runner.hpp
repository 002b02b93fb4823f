// Runs child processes: argv only, never a shell, with a deadline and a bound on what they print.
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

struct Command {
  std::vector<std::string> argv;         // argv[0] is looked up in PATH
  std::vector<std::string> environment;  // "NAME=value", added to a minimal PATH, LANG=C
  std::chrono::milliseconds timeout{30'000};
  std::size_t output_limit = 64 * 1024;  // bytes kept of stdout and of stderr, each
};

struct ProcessResult {
  int exit_code = 0;    // meaningful when term_signal is 0 and the command was not ended by us
  int term_signal = 0;  // the signal that ended it, or 0
  std::string out;      // stdout, cut at output_limit (what follows is read and thrown away)
  std::string err;      // stderr, likewise
};

class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;
  // Runs to the end. Thread-safe. The child leads its own process group, which is killed (SIGKILL)
  // when the deadline passes (Errc::Timeout) or `stop` is requested (Errc::Cancelled); both mean
  // the outcome is unknown. Errc::NotFound / Denied when it could not be started at all.
  [[nodiscard]] virtual Result<ProcessResult> run(const Command& command, std::stop_token stop) = 0;
};

// posix_spawn or vfork, pidfd and poll; inherits no descriptor but /dev/null, stdout and stderr.
class LocalProcessRunner final : public ProcessRunner {
 public:
  [[nodiscard]] Result<ProcessResult> run(const Command& command, std::stop_token stop) override;
};

}  // namespace fieldmedic
