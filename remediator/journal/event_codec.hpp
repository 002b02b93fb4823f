// Events as JSON text, as stored in the journal and shown in timelines.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "remediator/core/event.hpp"

namespace fieldmedic {

// {"v":1,"at":1795000000000,"incident":17, …}: the fields of the payload under their own names;
// `at` in milliseconds since the epoch, durations in milliseconds; nested JSON text (seen, wanted,
// arguments) as JSON objects. Invalid UTF-8 from outside is replaced (U+FFFD). Keys in a fixed
// order: equal events give equal bytes.
[[nodiscard]] std::string encode_event(const core::Event& event);

// The other way, by the event's name (core::name_of). Unknown names, versions from the future and
// missing fields are Errc::Malformed; unknown fields are ignored.
[[nodiscard]] Result<core::Event> decode_event(std::string_view name, std::string_view json);

}  // namespace fieldmedic
