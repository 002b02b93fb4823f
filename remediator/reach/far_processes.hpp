// The processes of a host over SSH: what of its /proc tells a collector's from others, read by one
// command. Needs a POSIX shell, coreutils, GNU grep and find over there. What is decided by it is
// the same as here (process_table.hpp, process_family.hpp, supervisor.hpp).
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "common/process_files.hpp"
#include "common/process_runner.hpp"
#include "common/process_table.hpp"
#include "common/result.hpp"
#include "remediator/reach/supervisor.hpp"

namespace fieldmedic {

// In the command line of whatever this program runs over there: no such process is a collector's,
// though the pattern may find what stands beside it there.
inline constexpr const char* kOwnCommand = "FIELDMEDIC_OVER_SSH";

struct FarProcess {
  ProcessFiles files;                    // its stat, executable and command line
  std::string cgroup;                    // as the file of /proc
  std::string pid_namespace;             // "pid:[4026531836]"; empty where it is not ours to read
  std::optional<std::string> attempt{};  // kAttemptVariable in its environment
  bool shows_environment = false;        // it can be read, and holds a PATH at least
};

struct FarProcesses {
  std::string boot_id;
  pid_t self = 0;  // what the command that read this runs below
  std::string own_cgroup;
  std::string own_namespace;
  Result<pid_t> pid_file = 0;       // what the pid file names; 0: none
  std::map<pid_t, FarProcess> all;  // the commands of this program over there left out
  // Of those left out the ones that are to become a program, or wait for it: by pid, the attempt.
  std::map<pid_t, std::string> starting{};
};

// Reads them. `pid_file` may be empty. The runner's errors (ssh_connection.hpp); Errc::Unavailable:
// the host lacks a tool, or has more processes than are looked through; Malformed.
[[nodiscard]] Result<FarProcesses> read_far_processes(ProcessRunner& runner,
                                                      const std::string& pid_file,
                                                      const std::stop_token& stop);

// As ProcessMatcher::find. The pattern's pid file must be the one that was read.
[[nodiscard]] Result<std::vector<ProcessInfo>> find_matching(FarProcesses& processes,
                                                             const ProcessPattern& pattern);

// Every living program (process_family.hpp).
[[nodiscard]] std::vector<ProcessInfo> living_programs(FarProcesses& processes);

// As supervisor.hpp has them. What owns the SSH session that read this owns nothing of it.
[[nodiscard]] std::optional<Supervisor> find_supervisor(FarProcesses& processes,
                                                        const ProcessInfo& process);
[[nodiscard]] std::optional<std::string> untouchable(FarProcesses& processes, pid_t pid);

}  // namespace fieldmedic
