// Quantities as people read them.
#pragma once

#include <string>

#include "common/clock.hpp"

namespace fieldmedic {

// "1.5 GiB", "640 B"
[[nodiscard]] std::string shown_bytes(double bytes);
// 0.1234 is "12.3 %"
[[nodiscard]] std::string shown_share(double ratio);
// "42 s", "3 min", "5 h", "12 d"; below a second "now". What lies in the future is "now" too.
[[nodiscard]] std::string shown_span(double seconds);
// The seconds from a Unix time until `now`; never negative.
[[nodiscard]] double age_seconds(double unix_seconds, WallTime now);
// "1 process", "2 processes"
[[nodiscard]] std::string counted(double number, const char* one, const char* many);

}  // namespace fieldmedic
