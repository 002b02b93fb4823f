// The kept connection to one host, and the commands that run over it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/process_runner.hpp"
#include "remediator/reach/ssh_access.hpp"

namespace fieldmedic {

class SshSession;
class Waiter;

// Connects when first asked and keeps the connection; one that was lost is made again at the next
// command, after a pause that grows from 0.25 s to 5 s while that fails. Thread-safe: commands of
// several threads share the connection, each waits in its own thread.
class SshConnection final : public ProcessRunner {
 public:
  SshConnection(SshAccess access, const Clock& clock);
  ~SshConnection() override;

  // argv reaches the program word for word: the far side's shell gets it quoted, and only to
  // replace itself by `env`, which gives it nothing but command.environment and a minimal PATH and
  // LANG. stdin is at its end. Nothing ran: Errc::Unavailable (no connection), Full (no descriptor,
  // memory or way of ours: no word about the host), Denied (a key is refused, or commands are),
  // Invalid. The outcome is unknown: Errc::Timeout, Cancelled (over
  // there it was asked to end), Io (the connection was lost while it ran). A program that is
  // not there has exit code 127, one that cannot be run 126.
  [[nodiscard]] Result<ProcessResult> run(const Command& command, std::stop_token stop) override;

  [[nodiscard]] const SshAccess& access() const { return access_; }

 private:
  struct Deadline {
    SteadyTime at;
    std::stop_token stop;
  };

  [[nodiscard]] Result<std::shared_ptr<SshSession>> session(const Waiter& waiter,
                                                            const Deadline& until);
  [[nodiscard]] Result<std::shared_ptr<SshSession>> connect(const Deadline& until);

  SshAccess access_;
  const Clock& clock_;
  std::mutex mutex_;  // of all below; never held while waiting
  std::shared_ptr<SshSession> session_;
  bool connecting_ = false;     // somebody is
  std::vector<int> waiting_;    // eventfds of those that wait for it
  std::uint32_t failures_ = 0;  // in a row
  SteadyTime next_try_{};
  Error last_failure_{};
};

}  // namespace fieldmedic
