// The switch of this host's traffic to another link, as planned: made once, and put back while the
// world is as it was left (S2, S14).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "remediator/reach/bonds.hpp"
#include "remediator/reach/routes.hpp"
#include "remediator/reach/rules.hpp"

namespace fieldmedic {

enum class SwitchBy {
  Metric,   // a further default route, before the one that carries the traffic
  Replace,  // in the place of that one
  Rule,     // a policy rule, by which every packet asks another table first
  Bond,     // another active slave of a bond
};

[[nodiscard]] constexpr std::string_view to_string(SwitchBy by) {
  switch (by) {
    case SwitchBy::Metric: return "metric";
    case SwitchBy::Replace: return "replace";
    case SwitchBy::Rule: return "rule";
    case SwitchBy::Bond: return "bond";
  }
  return "invalid";
}

struct RouteSwitch {
  SwitchBy by = SwitchBy::Metric;
  // DefaultRoute::exact of the route that carried the traffic; of Bond: the active slave.
  std::string found;
  RouteWay way;                      // that is to carry it; of Bond: the slave
  std::uint32_t metric = 0;          // of Rule: its priority
  std::uint32_t table = kMainTable;  // of Rule: the one that it leads to, whose default is `way`
  std::string bond{};                // of Bond, as the next
  std::string primary{};             // that it has; a person's choice, so another one is a change

  friend bool operator==(const RouteSwitch&, const RouteSwitch&) = default;
};

enum class SwitchState {
  AsFound,   // the route that was found carries the traffic, and ours is not there
  Switched,  // ours carries it
  Other,     // somebody changed the routes, or the bond
};

// What is looked at to tell, of all but Bond.
struct SwitchSight {
  std::vector<DefaultRoute> routes;      // of the main table
  std::vector<DefaultRoute> of_table{};  // of Rule: of the table that it leads to
  std::vector<PolicyRule> rules{};       // of Rule
};

[[nodiscard]] Result<SwitchSight> look_at_switch(SwitchBy by, std::uint32_t table);
[[nodiscard]] SwitchState state_of(const RouteSwitch& planned, const SwitchSight& sight);
[[nodiscard]] SwitchState state_of(const RouteSwitch& planned, const Bond& bond);
[[nodiscard]] Result<SwitchState> read_switch_state(const RouteSwitch& planned);

// One change. Errc::Conflict: the world is not as found; nothing was changed then.
[[nodiscard]] Status make_switch(const RouteSwitch& planned);
// Exactly what was there. Well when it is there already; Errc::Conflict: somebody changed it.
[[nodiscard]] Status put_switch_back(const RouteSwitch& planned);

// A JSON object, and back. Errc::Invalid.
[[nodiscard]] std::string switch_json(const RouteSwitch& planned);
[[nodiscard]] Result<RouteSwitch> parse_switch(const std::string& json);

}  // namespace fieldmedic
