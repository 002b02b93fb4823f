// The one table that says which modules there are.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "common/clock.hpp"
#include "common/host_root.hpp"
#include "exporter/collector/state_store.hpp"
#include "exporter/config.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/link/link_watch.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// The modules that a reload leaves alone: both configurations have them and ask the same of them.
// Only modules that count something over time are worth it.
[[nodiscard]] std::vector<std::string_view> unchanged_modules(const ExporterConfig& before,
                                                              const ExporterConfig& after);

// Those that serve without any configuration, by name.
[[nodiscard]] std::vector<std::string_view> host_module_names();

// Every module that the configuration leaves on and that this host has. `clock` lives as long as
// the program; `files` answers for everything on paths that may hang; `link_watch` counts on while
// modules are made anew. Those in `kept` are there already.
[[nodiscard]] std::vector<std::unique_ptr<Module>> make_modules(
    const ExporterConfig& config, const HostRoot& host, const Clock& clock,
    const std::shared_ptr<FileClient>& files, const std::shared_ptr<StateStore>& states,
    const std::shared_ptr<LinkWatch>& link_watch, std::span<const std::string_view> kept = {});

}  // namespace fieldmedic
