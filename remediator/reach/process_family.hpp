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
  std::vector<ProcessInfo> matching;    // what the pattern finds
  std::vector<ProcessInfo> candidates;  // these and every other process of their programs
  std::vector<std::string> programs;    // paths of the programs, sorted
};

// `programs` adds to those of the matching processes: a collector that has ended meanwhile may have
// left children that the pattern does not find. Errc::Invalid: the pattern; Errc::Io: /proc.
[[nodiscard]] Result<CollectorProcesses> read_collector_processes(
    const std::filesystem::path& procfs, const ProcessPattern& pattern,
    std::vector<std::string> programs = {});

[[nodiscard]] std::vector<ProcessIdentity> identities_of(const std::vector<ProcessInfo>& processes);

}  // namespace fieldmedic
