// How another server is asked, read from a configuration.
#pragma once

#include <filesystem>

#include "common/server_access.hpp"
#include "common/server_pool.hpp"
#include "common/yaml_reader.hpp"

namespace fieldmedic {

// Reads `url`, `username` with `password_file`, `bearer_file` and `tls_config` (Prometheus' names)
// of `map`, and the files that they name (relative ones stand in `folder`). Errors are recorded
// through the mapping, at the place of the value. Other keys are left to the caller.
[[nodiscard]] ServerAccess read_server_access(const YamlMap& map,
                                              const std::filesystem::path& folder);

// The same for a service with several addresses: `url`, or `urls` with a list of them. Who asks and
// how is the same for all.
[[nodiscard]] ServerPool read_server_pool(const YamlMap& map, const std::filesystem::path& folder);

}  // namespace fieldmedic
