// Base64 of RFC 4648, section 4, with padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldmedic {

[[nodiscard]] std::string encode_base64(std::string_view bytes);
// At most 4 MiB of text without line breaks; none when it is not base64. Leaves no copy of what it
// decoded behind.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace fieldmedic
