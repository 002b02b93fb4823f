// What bounds the helper's threads, for both ends.
#pragma once

#include <cstddef>

namespace fieldmedic {

// Requests that the helper has and has not answered, those that hang included: one thread each.
inline constexpr std::size_t kMostUnderWay = 256;
// The last of them are for paths that answered the last time they were asked: however many mounts
// hang that never answered, the well ones are still asked.
inline constexpr std::size_t kReserved = 64;

}  // namespace fieldmedic
