// Processes that an earlier instance of a collector left behind (R1). Pure: what is asked of /proc
// comes in as values.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "common/process_table.hpp"

namespace fieldmedic {

struct Kin {
  ProcessIdentity identity;
  pid_t parent = 0;
  pid_t group = 0;    // process group
  pid_t session = 0;  // setsid(2)
};

// The parent of any process; 0 when it is gone or not known.
using ParentOf = std::function<pid_t(pid_t)>;

// Of `others`, those that do not belong to `main`, the process that a pid file names: no child of
// it at any depth, not in a group or session that it leads, no ancestor.
[[nodiscard]] std::vector<pid_t> beside(const Kin& main, std::span<const Kin> others,
                                        const ParentOf& parent_of);

// Where no pid file names the main process, it is the newest that leads its session or group and is
// no child of another of `members`. Left behind is who is older, does not belong to it and has lost
// its own leaders: the pids of its session and its group are not in `listed` (sorted). Two
// instances side by side by intent, each with a living leader, are none.
[[nodiscard]] std::vector<pid_t> left_behind(std::span<const Kin> members,
                                             std::span<const pid_t> listed,
                                             const ParentOf& parent_of);

}  // namespace fieldmedic
