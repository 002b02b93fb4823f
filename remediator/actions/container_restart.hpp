// container_restart {container: orders, grace: 10s, log_lines: 5000}: keeps the container's log and
// description, then restarts it through its engine; without `container`, the one that the inventory
// gives for the collector.
//
// step 1  seen:   {"id": "aec5…", "name": "orders", "log_lines": 5000}
//         wanted: {"file": "/var/lib/fieldmedic/containers/orders-1795792354249.log"}
// step 2  seen:   {"id": "aec5…", "started_at": "2026-…Z", "planned_at_ms": 1795792354249, "grace":
// 10}
//         wanted: {"status": "running", "not_started_at": "2026-…Z"}
//
// The id is that of the plan: a name that means another container by now is not followed. The time
// of its start is new with every start: it proves the restart, and that nobody else restarted it
// between plan and apply.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_container_restart(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_container_restart(const std::string& arguments,
                                                                     const ActionTools& tools);

}  // namespace fieldmedic
