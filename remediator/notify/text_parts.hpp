// Text that is too long for one message of a channel, in as few messages as can be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fieldmedic {

inline constexpr std::size_t kMostParts = 3;  // channels count messages, not bytes

// `text` as it is when it has at most `limit` bytes (at least 64); else parts of at most `limit`
// bytes, "(1/2)" in front of each, split between lines unless that wastes half a part, and never
// inside a code point. Text for more than kMostParts is one part instead: its front, and how much
// is missing. Pure; `text` is valid UTF-8.
[[nodiscard]] std::vector<std::string> split_text(std::string_view text, std::size_t limit);

}  // namespace fieldmedic
