#include "remediator/reach/route_switch.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

bool is_ours(const RouteSwitch& planned, const DefaultRoute& route) {
  return route.way == planned.way && route.metric == planned.metric;
}

}  // namespace

SwitchState state_of(const RouteSwitch& planned, const std::vector<DefaultRoute>& routes) {
  if (routes.empty()) return SwitchState::Other;
  const DefaultRoute& carrying = routes.front();
  const bool found_is_there =
      std::ranges::find(routes, planned.found, &DefaultRoute::exact) != routes.end();
  const bool was_replaced = planned.by == SwitchBy::Replace;
  if (is_ours(planned, carrying) && found_is_there != was_replaced) return SwitchState::Switched;
  const auto ours = [&](const DefaultRoute& route) { return is_ours(planned, route); };
  if (carrying.exact == planned.found && std::ranges::none_of(routes, ours))
    return SwitchState::AsFound;
  return SwitchState::Other;
}

Result<SwitchState> read_switch_state(const RouteSwitch& planned) {
  const auto routes = default_routes(planned.table);
  if (!routes) return fail(routes.error());
  return state_of(planned, *routes);
}

Status make_switch(const RouteSwitch& planned) {
  const auto state = read_switch_state(planned);
  if (!state) return fail(state.error());
  if (*state != SwitchState::AsFound)
    return fail(Errc::Conflict, "the default routes are not as they were found");
  switch (planned.by) {
    case SwitchBy::Metric: return add_default_route(planned.table, planned.way, planned.metric);
    case SwitchBy::Replace:
      return replace_default_route(planned.table, planned.way, planned.metric);
  }
  return fail(Errc::Invalid, "no way to switch");
}

Status put_switch_back(const RouteSwitch& planned) {
  const auto routes = default_routes(planned.table);
  if (!routes) return fail(routes.error());
  switch (state_of(planned, *routes)) {
    case SwitchState::AsFound: return {};
    case SwitchState::Other:
      return fail(Errc::Conflict, "the default routes are not as the switch left them");
    case SwitchState::Switched: break;
  }
  switch (planned.by) {
    case SwitchBy::Metric: return remove_default_route(routes->front().exact);
    case SwitchBy::Replace: return put_default_route(planned.found);
  }
  return fail(Errc::Invalid, "no way to switch");
}

std::string switch_json(const RouteSwitch& planned) {
  return Json{{"by", to_string(planned.by)},        {"found", planned.found},
              {"interface", planned.way.interface}, {"gateway", planned.way.gateway},
              {"metric", planned.metric},           {"table", planned.table}}
      .dump();
}

Result<RouteSwitch> parse_switch(const std::string& json) {
  try {
    const Json parsed = Json::parse(json);
    const auto by = parsed.at("by").get<std::string>();
    if (by != "metric" && by != "replace") return fail(Errc::Invalid, "no way to switch");
    return RouteSwitch{
        by == "metric" ? SwitchBy::Metric : SwitchBy::Replace,
        parsed.at("found").get<std::string>(),
        {parsed.at("interface").get<std::string>(), parsed.at("gateway").get<std::string>()},
        parsed.at("metric").get<std::uint32_t>(),
        parsed.at("table").get<std::uint32_t>()};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no link switch: {}", error.what()));
  }
}

}  // namespace fieldmedic
