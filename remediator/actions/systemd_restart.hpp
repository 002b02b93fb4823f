// systemd_restart {unit: orders.service, mounts: [/srv/share]}: restarts a unit through systemd;
// without `unit`, the one that the inventory gives for the collector. It is done when the unit runs
// anew and each of `mounts` is there and answers (mount_proof.hpp, which adds to what is below).
//
// seen:   {"active_state": "failed", "invocation_id": "85ce…", "unit": "orders.service"}
// wanted: {"active_state": "active", "not_invocation_id": "85ce…"}
//
// The invocation id is new with every start: it proves the restart, and that nobody else restarted
// the unit between plan and apply.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_systemd_restart(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_systemd_restart(const std::string& arguments,
                                                                   const ActionTools& tools);

}  // namespace fieldmedic
