// Values put into a body must not be able to leave their place in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldmedic {

enum class BodyEncoding { Json, Form, Plain };

// "application/json; charset=utf-8" is Json; nothing for types that we cannot encode for.
[[nodiscard]] std::optional<BodyEncoding> encoding_of(std::string_view content_type);

// `value` for a place inside of a JSON string, or of a form's value; as it is for plain text.
// `value` is valid UTF-8.
[[nodiscard]] std::string encode_value(std::string_view value, BodyEncoding encoding);

}  // namespace fieldmedic
