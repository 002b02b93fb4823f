// The clock of an engine's host against ours, by the Date header of an answer (RFC 9110 §5.6.7).
#pragma once

#include <chrono>
#include <string_view>

#include "common/clock.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// The header has whole seconds, and the answer was under way: a difference of less tells nothing.
inline constexpr std::chrono::seconds kClockSlack{3};

// How far it is ahead of `now`, when the answer came; behind is negative, less than kClockSlack
// is 0. Errc::Malformed. Pure.
[[nodiscard]] Result<std::chrono::milliseconds> clock_ahead(std::string_view date, WallTime now);

}  // namespace fieldmedic
