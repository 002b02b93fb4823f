// Taking secrets out of text that strangers wrote (log lines, error messages) before it is shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fieldmedic {

// What looks like a secret becomes ***: user and password and the query of a URL, the value of a
// key that is called like one (password=, "api_key": "…", --token …), bearer and basic credentials,
// JSON Web Tokens, AWS key ids, private keys. Takes more rather than less; what looks like nothing
// of that stays. Linear in the length of `text`; line ends stay.
[[nodiscard]] std::string redact_text(std::string_view text);

// The same as one line for people of at most `most` bytes: always UTF-8, bytes that are none become
// U+FFFD, control characters and line ends a blank; "…" where it was cut.
[[nodiscard]] std::string shown_line(std::string_view text, std::size_t most);

}  // namespace fieldmedic
