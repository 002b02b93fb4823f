// Where the remediator is and as whom it is asked: a file, so that no password stands on a command
// line.
#pragma once

#include <filesystem>

#include "common/result.hpp"
#include "common/server_access.hpp"

namespace fieldmedic::tool {

inline constexpr const char* kDefaultUrl = "http://127.0.0.1:9988";

// `chosen`, or the first that is there of ~/.config/fieldmedic.yml and
// /etc/fieldmedic/fieldmedic.yml. Empty: there is none.
[[nodiscard]] std::filesystem::path connection_file(const std::filesystem::path& chosen);

// Reads it: url, username, password_file, bearer_file, tls_config, as remediator.yml has them for
// Prometheus. An empty path: kDefaultUrl, without credentials. Errc::Invalid: every fault, a line
// each, as file:line:column.
[[nodiscard]] Result<ServerAccess> read_connection(const std::filesystem::path& file);

}  // namespace fieldmedic::tool
