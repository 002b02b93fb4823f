// Paths that are declared for an action. Internal to actions/.
#pragma once

#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

// As the kernel shows it: absolute, no ".", "..", "//" or '/' at its end, and nothing directly
// below
// /. Errc::Invalid names the argument `key`. Pure.
[[nodiscard]] Status check_clean_path(std::string_view key, std::string_view path);

}  // namespace fieldmedic
