// The one table that says which modules there are.
#pragma once

#include <memory>
#include <vector>

#include "common/clock.hpp"
#include "common/host_root.hpp"
#include "exporter/config.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// Every module that the configuration leaves on and that this host has. `clock` lives as long as
// the program; `files` answers for everything on paths that may hang.
[[nodiscard]] std::vector<std::unique_ptr<Module>> make_modules(
    const ExporterConfig& config, const HostRoot& host, const Clock& clock,
    const std::shared_ptr<FileClient>& files);

}  // namespace fieldmedic
