// Files that hold a key of ours.
#pragma once

#include <filesystem>

#include "common/result.hpp"

namespace fieldmedic {

// Whether nobody but its owner may use it. Errc::Invalid says what to do; a file that is not there
// is for whoever reads it to tell.
[[nodiscard]] Status check_private(const std::filesystem::path& file);

}  // namespace fieldmedic
