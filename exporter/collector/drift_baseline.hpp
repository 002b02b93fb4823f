// The output of sha256sum(1), kept as what files are meant to be. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

// 64 hexadecimal digits in lower case out of either case; empty for anything else.
[[nodiscard]] std::optional<std::string> parse_sha256(std::string_view text);

// Absolute path to digest. Names that are relative lie in `folder`, where sha256sum ran. Lines are
// "DIGEST  NAME" or "DIGEST *NAME"; one with a backslash in front has a name in which "\n", "\r"
// and "\\" are escaped (coreutils). Empty lines are left out. Errc::Malformed with the line, also
// for a file that is named twice; Errc::TooLarge: more than 4096 lines.
[[nodiscard]] Result<std::map<std::string, std::string>> parse_sha256_baseline(
    std::string_view text, std::string_view folder);

}  // namespace fieldmedic
