// Children that were killed and have not ended yet, such as those in an uninterruptible sleep: each
// is reaped once it has. Internal to common/process_runner.cpp.
#pragma once

#include "common/unique_fd.hpp"

namespace fieldmedic {

// By its pidfd. Of more than a few dozen the first is given up, and stays a zombie. Thread-safe.
void reap_later(UniqueFd child);

// Those that have ended since. Waits for none. Thread-safe.
void reap_late_children();

}  // namespace fieldmedic
