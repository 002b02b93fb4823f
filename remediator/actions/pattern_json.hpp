// A process pattern as journaled in a step. Internal to actions/.
#pragma once

#include <string>

#include "common/process_table.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// {"pid_file": …, "executable": …, "command_line": …}; parts that are not set are left out.
[[nodiscard]] std::string pattern_json(const ProcessPattern& pattern);
[[nodiscard]] Result<ProcessPattern> parse_pattern(const std::string& text);

}  // namespace fieldmedic
