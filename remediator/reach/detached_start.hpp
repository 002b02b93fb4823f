// Starts a program in the background that outlives us: double fork, its own session, nothing of
// ours left open.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

struct DetachedProgram {
  std::vector<std::string> argv;  // argv[0] is an absolute path; no shell, no PATH
  std::string working_directory = "/";
  std::vector<std::string> environment;  // all of it, "NAME=value"; the first of a name counts
};

// The pid once the program has taken over (execve(2) succeeded); it leads its own session and
// process group, is no child of ours (whoever reaps orphans reaps it), has /dev/null as stdin,
// stdout and stderr, default signals and umask 022. Thread-safe. Errc::NotFound, Denied, Invalid or
// Io when it could not be started; nothing is left running then.
[[nodiscard]] Result<pid_t> start_detached(const DetachedProgram& program);

}  // namespace fieldmedic
