// SHA-256 of a text.
#pragma once

#include <string>
#include <string_view>

namespace fieldmedic {

// 64 hexadecimal digits.
[[nodiscard]] std::string sha256_of(std::string_view content);

}  // namespace fieldmedic
