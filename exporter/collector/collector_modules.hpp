// The table of collector modules.
#pragma once

#include <memory>
#include <vector>

#include "common/clock.hpp"
#include "common/host_root.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// The modules that at least one of the collectors uses, in the order of the table. A module serves
// all collectors. `clock` must outlive them;
// `files` answers for everything on paths that may hang.
[[nodiscard]] std::vector<std::unique_ptr<Module>> make_collector_modules(
    const std::vector<CollectorConfig>& collectors, const HostRoot& host, const Clock& clock,
    const std::shared_ptr<FileClient>& files);

}  // namespace fieldmedic
