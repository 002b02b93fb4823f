// Which of the host's thousands of processes are worth a look this time.
//
// Listing /proc costs about 0.4 µs a process, reading a file below it some ten times as
// much, so a process is looked at twice, in the two scrapes after it appeared (the second catches a
// child that had not yet called exec), and then only when everything is.
#pragma once

#include <sys/types.h>

#include <span>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

enum class ScanDepth { News, Everything };

// Not thread-safe.
class PidScan {
 public:
  // Sorted, without duplicates: the pids listed under `procfs` (an open folder) that are new, and
  // those of `watched` that are still there. Errors as in list_pids.
  [[nodiscard]] Result<std::vector<pid_t>> next(int procfs, ScanDepth depth,
                                                std::span<const pid_t> watched);

 private:
  std::vector<pid_t> listed_;   // the last time, sorted
  std::vector<pid_t> settled_;  // the last two times, sorted
};

}  // namespace fieldmedic
