// systemd_restart {unit: orders.service, mounts: [/srv/share], clear: [/var/cache/orders]}:
// restarts a unit through systemd; without `unit`, the one that the inventory gives for the
// collector. It is done when the unit runs anew and each of `mounts` is there and answers. Where
// `clear` holds something it is stopped first, and started when that is emptied: a step each
// (unit_job.hpp, folder_clear.hpp, mount_proof.hpp). A crash in between leaves it stopped; the plan
// that comes after it starts it.
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
