#include "remediator/reach/route_switch.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

bool is_ours(const RouteSwitch& planned, const DefaultRoute& route) {
  return route.way == planned.way && route.metric == planned.metric;
}

bool is_found_there(const RouteSwitch& planned, const std::vector<DefaultRoute>& routes) {
  return std::ranges::find(routes, planned.found, &DefaultRoute::exact) != routes.end();
}

SwitchState state_by_route(const RouteSwitch& planned, const std::vector<DefaultRoute>& routes) {
  const DefaultRoute& carrying = routes.front();
  const bool was_replaced = planned.by == SwitchBy::Replace;
  if (is_ours(planned, carrying) && is_found_there(planned, routes) != was_replaced)
    return SwitchState::Switched;
  const auto ours = [&](const DefaultRoute& route) { return is_ours(planned, route); };
  if (carrying.exact == planned.found && std::ranges::none_of(routes, ours))
    return SwitchState::AsFound;
  return SwitchState::Other;
}

// A link that went down takes the routes of its table along: the rule is ours all the same.
SwitchState state_by_rule(const RouteSwitch& planned, const SwitchSight& sight) {
  const auto at = [&](const PolicyRule& rule) { return rule.priority == planned.metric; };
  const auto first = std::ranges::find_if(sight.rules, at);
  if (first == sight.rules.end()) {
    const bool carries = sight.routes.front().exact == planned.found;
    return carries ? SwitchState::AsFound : SwitchState::Other;
  }
  const PolicyRule ours{planned.metric, planned.table, true, true};
  const bool alone = std::ranges::count_if(sight.rules, at) == 1;
  return alone && *first == ours && is_found_there(planned, sight.routes) ? SwitchState::Switched
                                                                          : SwitchState::Other;
}

// The one change.
Status make(const RouteSwitch& planned) {
  switch (planned.by) {
    case SwitchBy::Metric: return add_default_route(planned.table, planned.way, planned.metric);
    case SwitchBy::Replace:
      return replace_default_route(planned.table, planned.way, planned.metric);
    case SwitchBy::Rule: return add_policy_rule(planned.metric, planned.table);
    case SwitchBy::Bond: return make_active_slave(planned.bond, planned.way.interface);
  }
  return fail(Errc::Invalid, "no way to switch");
}

Status put_back(const RouteSwitch& planned, const SwitchSight& sight) {
  switch (planned.by) {
    case SwitchBy::Metric: return remove_default_route(sight.routes.front().exact);
    case SwitchBy::Replace: return put_default_route(planned.found);
    case SwitchBy::Rule: return remove_policy_rule(planned.metric, planned.table);
    case SwitchBy::Bond: return make_active_slave(planned.bond, planned.found);
  }
  return fail(Errc::Invalid, "no way to switch");
}

std::optional<SwitchBy> switch_by(const std::string& name) {
  for (const SwitchBy by : {SwitchBy::Metric, SwitchBy::Replace, SwitchBy::Rule, SwitchBy::Bond})
    if (to_string(by) == name) return by;
  return std::nullopt;
}

// Errc::Conflict: it is gone.
Result<Bond> bond_of(const RouteSwitch& planned) {
  auto bond = read_bond(planned.bond);
  const bool is_gone =
      !bond && (bond.error().code == Errc::NotFound || bond.error().code == Errc::Invalid);
  if (is_gone) return fail(Errc::Conflict, bond.error().message);
  return bond;
}

Status make_bond_switch(const RouteSwitch& planned) {
  const auto bond = bond_of(planned);
  if (!bond) return fail(bond.error());
  if (state_of(planned, *bond) != SwitchState::AsFound)
    return fail(Errc::Conflict, fmt::format("{} is not as it was found", planned.bond));
  if (auto may = may_become_active(*bond, planned.way.interface); !may) return may;
  return make(planned);
}

Status put_bond_back(const RouteSwitch& planned) {
  const auto bond = bond_of(planned);
  if (!bond) return fail(bond.error());
  switch (state_of(planned, *bond)) {
    case SwitchState::AsFound: return {};
    case SwitchState::Other:
      return fail(Errc::Conflict, fmt::format("{} is not as the switch left it", planned.bond));
    case SwitchState::Switched: break;
  }
  return make_active_slave(planned.bond, planned.found);
}

}  // namespace

Result<SwitchSight> look_at_switch(SwitchBy by, std::uint32_t table) {
  SwitchSight sight;
  const bool by_rule = by == SwitchBy::Rule;
  auto routes = default_routes(by_rule ? kMainTable : table);
  if (!routes) return fail(routes.error());
  sight.routes = *std::move(routes);
  if (!by_rule) return sight;
  auto of_table = default_routes(table);
  if (!of_table) return fail(of_table.error());
  sight.of_table = *std::move(of_table);
  auto rules = policy_rules();
  if (!rules) return fail(rules.error());
  sight.rules = *std::move(rules);
  return sight;
}

SwitchState state_of(const RouteSwitch& planned, const SwitchSight& sight) {
  if (sight.routes.empty()) return SwitchState::Other;
  return planned.by == SwitchBy::Rule ? state_by_rule(planned, sight)
                                      : state_by_route(planned, sight.routes);
}

SwitchState state_of(const RouteSwitch& planned, const Bond& bond) {
  if (!bond.is_active_backup || bond.primary != planned.primary) return SwitchState::Other;
  if (bond.active == planned.found) return SwitchState::AsFound;
  return bond.active == planned.way.interface ? SwitchState::Switched : SwitchState::Other;
}

Result<SwitchState> read_switch_state(const RouteSwitch& planned) {
  if (planned.by == SwitchBy::Bond) {
    const auto bond = bond_of(planned);
    if (bond) return state_of(planned, *bond);
    if (bond.error().code == Errc::Conflict) return SwitchState::Other;
    return fail(bond.error());
  }
  const auto sight = look_at_switch(planned.by, planned.table);
  if (!sight) return fail(sight.error());
  return state_of(planned, *sight);
}

Status make_switch(const RouteSwitch& planned) {
  if (planned.by == SwitchBy::Bond) return make_bond_switch(planned);
  const auto sight = look_at_switch(planned.by, planned.table);
  if (!sight) return fail(sight.error());
  const bool leads_there = planned.by != SwitchBy::Rule ||
                           (!sight->of_table.empty() && sight->of_table.front().way == planned.way);
  if (state_of(planned, *sight) != SwitchState::AsFound || !leads_there)
    return fail(Errc::Conflict, "the default routes are not as they were found");
  return make(planned);
}

Status put_switch_back(const RouteSwitch& planned) {
  if (planned.by == SwitchBy::Bond) return put_bond_back(planned);
  const auto sight = look_at_switch(planned.by, planned.table);
  if (!sight) return fail(sight.error());
  switch (state_of(planned, *sight)) {
    case SwitchState::AsFound: return {};
    case SwitchState::Other:
      return fail(Errc::Conflict, "the default routes are not as the switch left them");
    case SwitchState::Switched: break;
  }
  return put_back(planned, *sight);
}

std::string switch_json(const RouteSwitch& planned) {
  return Json{{"by", to_string(planned.by)},
              {"found", planned.found},
              {"interface", planned.way.interface},
              {"gateway", planned.way.gateway},
              {"metric", planned.metric},
              {"table", planned.table},
              {"bond", planned.bond},
              {"primary", planned.primary}}
      .dump();
}

Result<RouteSwitch> parse_switch(const std::string& json) {
  try {
    const Json parsed = Json::parse(json);
    const auto by = switch_by(parsed.at("by").get<std::string>());
    if (!by) return fail(Errc::Invalid, "no way to switch");
    return RouteSwitch{
        *by,
        parsed.at("found").get<std::string>(),
        {parsed.at("interface").get<std::string>(), parsed.at("gateway").get<std::string>()},
        parsed.at("metric").get<std::uint32_t>(),
        parsed.at("table").get<std::uint32_t>(),
        parsed.value("bond", ""),  // journals from before switches of bonds lack both
        parsed.value("primary", "")};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no link switch: {}", error.what()));
  }
}

}  // namespace fieldmedic
