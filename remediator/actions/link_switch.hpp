// link_switch {interface: eth1, gateway: 10.79.0.1, by: metric | replace | rule, table: 101,
//              priority: 20000, probe: "10.9.0.1:443", keeps: ["10.9.0.2:9090"], dead_man: 60s}:
// makes the named link carry the host's IPv4 traffic, for a time: its lease puts back what was
// there. On a host over SSH too (far_link_steps.hpp). With {by: bond, bond: bond0, interface: eth1,
// over: br0, …} all that goes by the bond.
//
// `probe` and each of `keeps` (what the remediator stands on: Prometheus, Alertmanager) must answer
// over the new link before the switch (of a bond: the slave must have a link) and after it; else it
// is put back at once. A dead man
// (reach/dead_man.hpp) is armed before, and stands down when the switch is confirmed.
//
// seen:   {"carrying": "default via 10.78.0.1 dev eth0 metric 100"}
// wanted: {"do": "switch" | "put_back", "switch": {…}} (reach/route_switch.hpp)
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_link_switch(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_link_switch(const std::string& arguments,
                                                               const ActionTools& tools);

}  // namespace fieldmedic
