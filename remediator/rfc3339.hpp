// Times as Alertmanager writes them.
#pragma once

#include <string_view>

#include "common/result.hpp"
#include "remediator/core/time.hpp"

namespace fieldmedic {

// "2026-11-23T06:03:57.73Z", "0001-01-01T00:00:00Z", "2026-11-23T14:03:57+08:00": RFC 3339 with up
// to nine decimals, cut (never rounded) to milliseconds, so that the webhook's nanoseconds and the
// API's milliseconds name the same occurrence. No leap seconds (Go writes none). Pure;
// Errc::Malformed without the text.
[[nodiscard]] Result<core::Time> parse_rfc3339(std::string_view text);

}  // namespace fieldmedic
