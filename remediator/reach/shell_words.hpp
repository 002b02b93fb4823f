// The one place that writes a command line for a shell: SSH knows no argv (RFC 4254 §6.5), the far
// side's login shell takes apart what we send.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fieldmedic {

// A text that a POSIX shell reads as exactly this one word, whatever bytes it holds but NUL.
[[nodiscard]] std::string shell_word(std::string_view text);

// The words, one space between.
[[nodiscard]] std::string shell_words(std::span<const std::string> words);

}  // namespace fieldmedic
