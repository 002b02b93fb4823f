// `fieldmedic check`: a configuration, read by the daemon that will run with it.
#pragma once

#include <filesystem>
#include <string>

#include "common/result.hpp"

namespace fieldmedic::tool {

struct CheckFile {
  std::string daemon;  // "remediator" or "exporter"
  std::filesystem::path file;
};

// Becomes the daemon's own program with --check-config (the one beside this program, or in PATH),
// whose output and exit code, 0 or 78, are then ours: what it says is what the daemon would say.
// Returns only when it cannot be started.
[[nodiscard]] Error check_file(const CheckFile& command);

}  // namespace fieldmedic::tool
