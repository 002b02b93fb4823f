// The helper's side: fieldmedic-exporter itself, started with one argument.
#pragma once

#include <string_view>

namespace fieldmedic {

inline constexpr std::string_view kFileHelperFlag = "--file-helper";

// Serves the requests that come in on descriptor 0 until it closes, each on a thread of its own, so
// that one that hangs keeps no other; then ends the process, and does not return.
[[noreturn]] void run_file_helper();

}  // namespace fieldmedic
