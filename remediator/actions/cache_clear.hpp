// cache_clear {paths: [/var/cache/orders]}: empties declared folders, a step each
// (folder_clear.hpp); what runs goes on. A folder stays, only what is below it goes. On a host over
// SSH too (far_folder_clear.hpp).
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_cache_clear(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_cache_clear(const std::string& arguments,
                                                               const ActionTools& tools);

}  // namespace fieldmedic
