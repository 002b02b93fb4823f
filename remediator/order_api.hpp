// The HTTP API by which people give orders: approve, cancel, pause, resume, close a breaker.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "common/http_server.hpp"
#include "remediator/core/role.hpp"
#include "remediator/engine.hpp"

namespace fieldmedic {

// What a user who logged in may order; called from several threads.
using RoleOf = std::function<core::Role(std::string_view user)>;

// POST /api/v1/incidents/ID/approve, …/cancel, /api/v1/pause, /api/v1/resume,
// /api/v1/breakers/close with a JSON object as body, and GET /api/v1/brakes. 200 only when the
// order is on disk; 400 what cannot be read, 403 the role, 404 no such open incident, 409 it does
// not fit what is. `engine` must outlive the server.
[[nodiscard]] std::vector<Route> order_routes(Engine& engine, RoleOf role_of);

// Whether `user` is `least` or more; otherwise the 403 to answer.
[[nodiscard]] std::optional<ServerResponse> refused_role(const RoleOf& role_of,
                                                         std::string_view user, core::Role least);

}  // namespace fieldmedic
