// A message as text that every channel can carry. What it says comes partly from outside, so it is
// made harmless here.
#pragma once

#include <string>
#include <string_view>

#include "remediator/core/message.hpp"

namespace fieldmedic {

// `text` as one line of valid UTF-8: control characters become spaces, what is not UTF-8 U+FFFD.
[[nodiscard]] std::string one_line(std::string_view text);

// The title, and "name: value" for each field, one a line. At most 16 KiB.
[[nodiscard]] std::string plain_text(const core::Message& message);

}  // namespace fieldmedic
