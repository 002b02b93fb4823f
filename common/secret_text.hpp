// A file that holds several secrets, such as credentials of AWS.
#pragma once

#include <filesystem>

#include "common/result.hpp"
#include "common/secret.hpp"

namespace fieldmedic {

// All of a file of at most 64 KiB, which may be empty. The error names the file, never its content.
[[nodiscard]] Result<Secret> read_secret_text(const std::filesystem::path& path);

}  // namespace fieldmedic
