// The pieces of JSON text that are not numbers, as journals have held them from the first version
// on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldmedic::journal {

// Appends `text` in quotes, escaped. Invalid UTF-8 is replaced (U+FFFD).
void append_quoted(std::string& out, std::string_view text);

// The JSON object that `text` is, without needless blanks and its keys in their order; nullopt when
// it is none, or nests deeper than anything of ours.
[[nodiscard]] std::optional<std::string> compact_object(std::string_view text);

}  // namespace fieldmedic::journal
