// host_reboot {drain: [/usr/local/sbin/drain-host]}: has a host hand over what it holds, writes
// what is in memory to disk, and boots it anew through its systemd.
//
// Refused where the drain or the flush fails, unless `without_drain: allowed`; on the remediator's
// own host, unless `own_host: allowed`: it ends with it, and confirms after the start. The proof is
// another boot id than the plan saw. Over SSH the drain and the order leave a record over there, so
// that each is made once an attempt.
//
// seen of each step:  {"boot_id": "0d5d…", "reached": "medic@10.0.0.11:22"}, or "here"
// wanted of a drain:  {"drain": ["/usr/local/sbin/drain-host"], "without": "refused"}
// wanted of a reboot: {"not_boot_id": "0d5d…", "without": "refused"}
//
// With `power`, a host that does not answer over SSH is reset by its management controller
// (power_reboot.hpp).
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_host_reboot(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_host_reboot(const std::string& arguments,
                                                               const ActionTools& tools);

}  // namespace fieldmedic
