// What a host over SSH is asked of its processes, and what it prints. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/process_runner.hpp"
#include "common/result.hpp"
#include "remediator/reach/far_processes.hpp"

namespace fieldmedic {

// `pid_file` may be empty.
[[nodiscard]] Command ask_processes(const std::string& pid_file);

// Errors as those of read_far_processes().
[[nodiscard]] Result<FarProcesses> parse_processes(std::string_view text);

}  // namespace fieldmedic
