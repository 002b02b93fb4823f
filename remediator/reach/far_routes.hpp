// The IPv4 default routes and policy rules of a host over SSH, as its ip(8) of iproute2 tells them
// in JSON. What is decided by them is the same as here (route_switch.hpp); DefaultRoute::exact is
// the route's JSON object there, without what passes.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/process_runner.hpp"
#include "common/result.hpp"
#include "remediator/reach/route_switch.hpp"

namespace fieldmedic {

// As look_at_switch. The runner's errors (ssh_connection.hpp); Errc::Unavailable: no such ip over
// there, with its words; Io: what it prints cannot be read.
[[nodiscard]] Result<SwitchSight> look_at_far_switch(ProcessRunner& runner, SwitchBy by,
                                                     std::uint32_t table,
                                                     const std::stop_token& stop);
[[nodiscard]] Result<SwitchState> read_far_switch_state(ProcessRunner& runner,
                                                        const RouteSwitch& planned,
                                                        const std::stop_token& stop);

// The halves of it. Pure. Errc::Malformed.
[[nodiscard]] Command ask_default_routes(std::uint32_t table);
[[nodiscard]] Command ask_policy_rules();
[[nodiscard]] Result<std::vector<DefaultRoute>> parse_default_routes(std::string_view json);
[[nodiscard]] Result<std::vector<PolicyRule>> parse_policy_rules(std::string_view json);

}  // namespace fieldmedic
