// process_restart {clear: [/var/cache/orders], start_timeout: 10s}: ends a collector's processes,
// empties the declared folders, starts it in the background. For a collector that nobody else keeps
// running (S13) and whose inventory says how to start it. On this host or over SSH.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_process_restart(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_process_restart(const std::string& arguments,
                                                                   const ActionTools& tools);

}  // namespace fieldmedic
