// Fences the sick one, promotes the standby once the sick one is proved out, moves the traffic; and
// back in reverse. Each part is another action.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_failover(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_failover(const std::string& arguments,
                                                            const ActionTools& tools);

// Temporary where its arguments say how the standby is demoted again.
[[nodiscard]] std::optional<core::WhenAway> failover_ends(const std::string& arguments);

// The hosts that its parts are done on.
[[nodiscard]] std::vector<std::string> failover_hosts(const std::string& arguments);

}  // namespace fieldmedic
