// What is seen of a start, and what it proves. Pure; internal to actions/.
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "common/process_table.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

struct StartSight {
  std::vector<ProcessInfo> ours{};    // match and carry the attempt
  std::vector<ProcessInfo> others{};  // match, started by someone else
  std::vector<ProcessInfo> untold{};  // match, and do not show their environment
  std::optional<pid_t> living{};      // any that carries the attempt
};

// InProgress: something of this attempt lives and does not match (yet). Unknown: what matches does
// not show whose it is.
[[nodiscard]] ConfirmAnswer confirm_by(const StartSight& sight);

}  // namespace fieldmedic
