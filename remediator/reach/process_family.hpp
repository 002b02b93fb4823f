// Which processes go with a collector's: its workers and the children that it left behind.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/process_table.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// Of `candidates`, those that are one of `leaders`, descend from one, or live in the process group
// or session that one leads. A leader's pid that another process holds by now leads nothing. That a
// group is *shared* with a leader is not enough: whoever started two collectors from one script has
// them in one group. Pure; keeps the order of the candidates.
[[nodiscard]] std::vector<ProcessInfo> members_of(const std::vector<ProcessIdentity>& leaders,
                                                  const std::vector<ProcessInfo>& candidates);

struct CollectorProcesses {
  std::vector<ProcessInfo> matching;  // what the pattern finds
  // Every living program there is, without its executable and argv: what a wrapper started runs
  // another program than the wrapper does, and is residue all the same (R1).
  std::vector<ProcessInfo> candidates;
};

// Errc::Invalid: the pattern; Errc::Io: /proc.
[[nodiscard]] Result<CollectorProcesses> read_collector_processes(
    const std::filesystem::path& procfs, const ProcessPattern& pattern);

[[nodiscard]] std::vector<ProcessIdentity> identities_of(const std::vector<ProcessInfo>& processes);

}  // namespace fieldmedic
