// What a change of a systemd unit touches (S3). Internal to actions/.
#pragma once

#include <string>
#include <vector>

#include "remediator/core/target.hpp"
#include "remediator/reach/inventory.hpp"

namespace fieldmedic {

// The unit, and the same processes that process_restart would touch: the target's, and those of
// every collector on the host whose unit it is. `name` may be an alias of `id`.
[[nodiscard]] std::vector<std::string> unit_resources(const core::Target& target,
                                                      const std::string& name,
                                                      const std::string& id,
                                                      const Inventory& inventory);

}  // namespace fieldmedic
