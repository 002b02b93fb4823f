// Durations as people write them in Prometheus: 90s, 5m, 1h30m, 250ms, 2d. A bare number is
// refused.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

// Units ms s m h d w, largest first, each at most once; "0s" is a duration, "0" and "" are not.
// Errc::Invalid with what was wanted and found; overflow is an error.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// The shortest exact form that parse_duration reads back: 90000 ms is "1m30s", zero is "0s".
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

}  // namespace fieldmedic
