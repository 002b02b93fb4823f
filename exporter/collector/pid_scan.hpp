// Which of the host's thousands of processes are worth a look this time.
//
// Listing /proc costs about 0.3 µs a process, reading a file below it some ten times as much. So a
// process is looked at in the first three scrapes after it appeared (the later ones catch a child
// that had not yet called exec), and then in turn, some at a time: no scrape pays for all of them.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

// Not thread-safe.
class PidScan {
 public:
  // Sorted, without duplicates: the pids listed under `procfs` (an open folder) that are new, and
  // at most `in_turn` of the others, round and round. The first time: all. Errors as in list_pids.
  [[nodiscard]] Result<std::vector<pid_t>> next(int procfs, std::size_t in_turn);

  // All that the last call saw, sorted.
  [[nodiscard]] std::span<const pid_t> listed() const { return listed_; }

 private:
  void count_looks(std::vector<pid_t> listed);
  [[nodiscard]] std::vector<pid_t> choose(std::size_t in_turn);

  std::vector<pid_t> listed_;
  std::vector<int> looks_;  // of the pid at the same place: how often it was new
  bool first_ = true;
  pid_t turn_ = 0;  // the last one looked at in turn
};

}  // namespace fieldmedic
