// Time as the core knows it: logical, never going back (S8); the engine derives it from the clocks.
#pragma once

#include <chrono>

namespace fieldmedic::core {

using Duration = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Duration>;

}  // namespace fieldmedic::core
