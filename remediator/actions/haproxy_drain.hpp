// haproxy_drain {socket: /run/haproxy/admin.sock, backend: collect, server: "{{ target.host }}",
// least: 2}: takes a server out of HAProxy's balance for a time: it gets no new sessions, those
// that it has go on. A temporary change (S14) that nobody ends while the remediator is away; its
// undo puts the server back. Refused where fewer than `least` others (default: half of the backend;
// 0: a standby is in it only once it is promoted) are in the balance. A reload of HAProxy forgets
// it; then there is nothing to undo.
//
// seen    {"admin": 0}   srv_admin_state
// wanted  {"backend": "collect", "server": "sh-01", "state": "drain"}   or "ready"
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_haproxy_drain(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_haproxy_drain(const std::string& arguments,
                                                                 const ActionTools& tools);

}  // namespace fieldmedic
