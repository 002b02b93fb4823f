// The table of collector modules.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "common/clock.hpp"
#include "common/host_root.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/state_store.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// The modules whose collectors and whose own part of their configuration are the same in both.
[[nodiscard]] std::vector<std::string_view> unchanged_collector_modules(
    const std::vector<CollectorConfig>& before, const std::vector<CollectorConfig>& after);

// The modules that at least one of the collectors uses, in the order of the table,
// without those in `skipped`. A module serves
// all collectors. `clock` must outlive them;
// `files` answers for everything on paths that may hang, `states` keeps what survives a restart.
[[nodiscard]] std::vector<std::unique_ptr<Module>> make_collector_modules(
    const std::vector<CollectorConfig>& collectors, const HostRoot& host, const Clock& clock,
    const std::shared_ptr<FileClient>& files, const std::shared_ptr<StateStore>& states,
    std::span<const std::string_view> skipped = {});

}  // namespace fieldmedic
