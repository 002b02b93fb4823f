#include "remediator/order_api.hpp"

#include <charconv>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "remediator/api.hpp"
#include "remediator/core/scope.hpp"
#include "remediator/incident_json.hpp"
#include "remediator/lease_json.hpp"

namespace fieldmedic {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kIncidents = "/api/v1/incidents/";
constexpr std::string_view kLeases = "/api/v1/leases/";
constexpr std::size_t kLongestText = 500;

// The body's members; every one is a short string.
struct Order {
  std::string scope;
  std::string hash;
  std::string reason;
};

Status read_member(const std::string& name, const Json& value, Order& order) {
  std::string* place = name == "scope"    ? &order.scope
                       : name == "hash"   ? &order.hash
                       : name == "reason" ? &order.reason
                                          : nullptr;
  if (place == nullptr) return fail(Errc::Invalid, "known members are scope, hash, reason");
  if (!value.is_string()) return fail(Errc::Invalid, "'" + name + "' wants a string");
  *place = value.get<std::string>();
  if (place->size() > kLongestText)
    return fail(Errc::Invalid,
                "'" + name + "' is longer than " + std::to_string(kLongestText) + " bytes");
  return {};
}

Result<Order> read_order(std::string_view body) {
  Order order;
  if (body.empty()) return order;
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return fail(Errc::Invalid, "the body is no JSON object");
  for (const auto& [name, value] : json.items())
    if (auto status = read_member(name, value, order); !status) return fail(status.error());
  return order;
}

std::string name_of(std::string_view user) {
  return user.empty() ? "somebody without a name" : std::string(user);
}

int http_status(Errc code) {
  switch (code) {
    case Errc::NotFound: return 404;
    case Errc::Denied: return 403;
    case Errc::Conflict:
    case Errc::Full: return 409;
    case Errc::Unavailable:
    case Errc::Timeout:
    case Errc::Io:
    case Errc::Cancelled: return 503;
    case Errc::Invalid:
    case Errc::Malformed:
    case Errc::TooLarge: return 400;
  }
  return 500;
}

ServerResponse give(Engine& engine, core::Input order) {
  const Status verdict = engine.order(std::move(order));
  if (!verdict) return error_response(http_status(verdict.error().code), verdict.error().message);
  return {200, "application/json; charset=utf-8", "{\"status\":\"ok\"}\n", {}};
}

// "/api/v1/incidents/17/cancel": 17 and "cancel".
struct Named {
  core::IncidentId id = 0;
  std::string_view verb;
};

std::optional<Named> named_by(std::string_view path, std::string_view prefix) {
  const std::string_view rest = path.substr(prefix.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Named named{0, rest.substr(slash + 1)};
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + slash, named.id);
  if (error != std::errc{} || end != rest.data() + slash || named.id == 0) return std::nullopt;
  return named;
}

ServerResponse about_incident(Engine& engine, const RoleOf& role_of, const ServerRequest& request) {
  const auto named = named_by(request.path, kIncidents);
  if (!named || (named->verb != "approve" && named->verb != "cancel"))
    return error_response(404, "wants /api/v1/incidents/NUMBER/approve or …/cancel");
  if (auto no = refused_role(role_of, request.user, core::Role::Operator)) return *no;
  const auto order = read_order(request.body);
  if (!order) return error_response(400, order.error().message);
  const std::string by = name_of(request.user);
  if (named->verb == "cancel")
    return give(engine, core::CancelIncident{named->id, by, order->reason});
  if (order->hash.empty())
    return error_response(400, "'hash' says what is approved; the incident shows it");
  return give(engine, core::Approve{named->id, order->hash, by, role_of(request.user)});
}

ServerResponse about_lease(Engine& engine, const RoleOf& role_of, const ServerRequest& request) {
  const auto named = named_by(request.path, kLeases);
  if (!named || (named->verb != "end" && named->verb != "settle"))
    return error_response(404, "wants /api/v1/leases/NUMBER/end or …/settle");
  if (auto no = refused_role(role_of, request.user, core::Role::Operator)) return *no;
  const auto order = read_order(request.body);
  if (!order) return error_response(400, order.error().message);
  const auto what = named->verb == "end" ? core::LeaseOrder::Undo : core::LeaseOrder::Settle;
  return give(engine, core::EndLease{named->id, what, name_of(request.user), order->reason});
}

// Loosening what concerns everything takes an admin; holding it does not.
template <class Input>
ServerResponse about_scope(Engine& engine, const RoleOf& role_of, const ServerRequest& request,
                           core::Role for_all) {
  if (auto no = refused_role(role_of, request.user, core::Role::Operator)) return *no;
  const auto order = read_order(request.body);
  if (!order) return error_response(400, order.error().message);
  if (order->scope.empty()) return error_response(400, "'scope' says what is meant");
  if (order->scope == core::kWholeFleet)
    if (auto no = refused_role(role_of, request.user, for_all)) return *no;
  return give(engine, Input{order->scope, name_of(request.user), order->reason});
}

Route post(std::string path, Handler handler) {
  return {.method = "POST",
          .path = std::move(path),
          .handler = refuse_web_pages(std::move(handler)),
          .too_large = {}};
}

// Answers the state as `json` writes it.
Route get_state(Engine& engine, std::string path, std::string (*json)(const core::State&)) {
  const auto handler = [&engine, json](const ServerRequest&) {
    std::string body;
    const auto asked = engine.ask([&](const core::State& state, Journal&) { body = json(state); });
    if (!asked) return error_response(503, asked.error().message);
    return ServerResponse{200, "application/json; charset=utf-8", std::move(body), {}};
  };
  return {.method = "GET", .path = std::move(path), .handler = handler, .too_large = {}};
}

}  // namespace

std::optional<ServerResponse> refused_role(const RoleOf& role_of, std::string_view user,
                                           core::Role least) {
  if (role_of(user) >= least) return std::nullopt;
  return error_response(403, "this takes the role " + std::string(to_string(least)) +
                                 "; yours is " + std::string(to_string(role_of(user))));
}

std::vector<Route> order_routes(Engine& engine, RoleOf role_of) {
  using enum core::Role;
  std::vector<Route> routes;
  routes.push_back(post(std::string(kIncidents), [&engine, role_of](const ServerRequest& request) {
    return about_incident(engine, role_of, request);
  }));
  routes.push_back(post("/api/v1/pause", [&engine, role_of](const ServerRequest& request) {
    return about_scope<core::Pause>(engine, role_of, request, Operator);
  }));
  routes.push_back(post("/api/v1/resume", [&engine, role_of](const ServerRequest& request) {
    return about_scope<core::Unpause>(engine, role_of, request, Admin);
  }));
  routes.push_back(post("/api/v1/breakers/close", [&engine, role_of](const ServerRequest& request) {
    return about_scope<core::CloseBreaker>(engine, role_of, request, Admin);
  }));
  routes.push_back(post(std::string(kLeases), [&engine, role_of](const ServerRequest& request) {
    return about_lease(engine, role_of, request);
  }));
  routes.push_back(get_state(engine, "/api/v1/brakes", brakes_json));
  routes.push_back(get_state(engine, "/api/v1/leases", leases_json));
  return routes;
}

}  // namespace fieldmedic
