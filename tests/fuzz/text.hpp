// An input as the text that most parsers take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fieldmedic::fuzz {

// A view of libFuzzer's own buffer, without a terminating NUL: reading past its end is seen.
[[nodiscard]] inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace fieldmedic::fuzz
