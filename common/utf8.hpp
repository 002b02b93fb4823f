// Finding what is not UTF-8 in text from outside (file names, labels, log messages).
#pragma once

#include <cstddef>
#include <string_view>

namespace fieldmedic {

// The length in bytes (1 to 4) of the well-formed UTF-8 sequence at the front of `text`, or 0 when
// there is none (Unicode table 3-7: no overlong forms, no surrogates, at most U+10FFFF).
[[nodiscard]] std::size_t utf8_sequence_length(std::string_view text);

}  // namespace fieldmedic
