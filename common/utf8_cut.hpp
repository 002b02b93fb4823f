// Cutting UTF-8 text to a number of bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace fieldmedic {

// The longest front of `text` that has at most `most` bytes and ends between two code points. Looks
// at the first byte that is *not* kept: a continuation byte means that a code point was cut. Of
// text that is not UTF-8 at least most - 3 bytes stay.
[[nodiscard]] constexpr std::string_view cut_utf8(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  const auto continues = [&](std::size_t i) { return (text[i] & '\xC0') == '\x80'; };
  while (end > 0 && most - end < 3 && continues(end)) --end;
  return text.substr(0, continues(end) ? most : end);
}

}  // namespace fieldmedic
