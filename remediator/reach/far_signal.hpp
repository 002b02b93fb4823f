// Signals to processes of a host over SSH, each told by pid and start time.
#pragma once

#include <sys/types.h>

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/process_runner.hpp"
#include "common/process_table.hpp"
#include "common/result.hpp"

namespace fieldmedic {

enum class FarSignal {
  None,       // only looks
  Terminate,  // SIGTERM, and SIGCONT for one that was stopped
  Kill,
  Hangup,
  User1,
  User2,
};

struct FarSignalled {
  std::string boot_id;        // of the host
  std::vector<pid_t> alive;   // lived under their start time, and were signalled
  std::vector<pid_t> denied;  // live, and are not ours to signal
  std::vector<pid_t> dying;   // of `alive`: a SIGKILL is pending
};

// To those that still are what they were. The runner's errors (ssh_connection.hpp); Errc::Io: the
// answer cannot be read.
[[nodiscard]] Result<FarSignalled> signal_far(ProcessRunner& runner, FarSignal signal,
                                              const std::vector<ProcessIdentity>& processes,
                                              const std::stop_token& stop);

// The two halves of it. Pure. Errc::Malformed.
[[nodiscard]] Command ask_signal(FarSignal signal, const std::vector<ProcessIdentity>& processes);
[[nodiscard]] Result<FarSignalled> parse_signalled(std::string_view text);

}  // namespace fieldmedic
