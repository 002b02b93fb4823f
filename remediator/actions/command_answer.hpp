// How the end of a program that an action ran is told. Internal to actions/.
#pragma once

#include "common/process_runner.hpp"
#include "common/result.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

// Done: it exited with 0. Refused: it never ran, or exited otherwise by itself. Unknown: it was
// ended before its own end. With the end of what it printed, quoted.
[[nodiscard]] ApplyAnswer command_answer(const Result<ProcessResult>& result);

}  // namespace fieldmedic
