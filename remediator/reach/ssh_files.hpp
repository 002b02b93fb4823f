// The files that SSH needs, looked at when the configuration is read.
#pragma once

#include <filesystem>

#include "common/result.hpp"

namespace fieldmedic {

// Whether it is a private key that we can use: readable, of one user only, without a passphrase.
// The error says what is wrong, to be put after "'key_file' ", and holds nothing of the content.
[[nodiscard]] Status check_ssh_key(const std::filesystem::path& file);

// Whether it can be read.
[[nodiscard]] Status check_known_hosts(const std::filesystem::path& file);

}  // namespace fieldmedic
