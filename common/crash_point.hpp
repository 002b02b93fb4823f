// Named places where a test lets the real program die as if by kill -9.
#pragma once

#include <string_view>

namespace fieldmedic {

// Sends SIGKILL to this process when the environment variable FIELDMEDIC_CRASH_AT names this place:
// "before_effect", "before_effect:apply" with a detail, "before_effect:apply#2" for the second time
// that it is passed. "?" writes each place that is passed as a line on stderr. Otherwise nothing;
// one comparison. Thread-safe.
void crash_point(std::string_view place, std::string_view detail = {});

}  // namespace fieldmedic
