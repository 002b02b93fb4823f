// The switch of this host's traffic to another link, as planned: made once, and put back while the
// world is as it was left (S2, S14).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "remediator/reach/routes.hpp"

namespace fieldmedic {

enum class SwitchBy {
  Metric,   // a further default route, before the one that carries the traffic
  Replace,  // in the place of that one
};

[[nodiscard]] constexpr std::string_view to_string(SwitchBy by) {
  switch (by) {
    case SwitchBy::Metric: return "metric";
    case SwitchBy::Replace: return "replace";
  }
  return "invalid";
}

struct RouteSwitch {
  SwitchBy by = SwitchBy::Metric;
  std::string found;  // DefaultRoute::exact of the route that carried the traffic
  RouteWay way;       // that is to carry it
  std::uint32_t metric = 0;
  std::uint32_t table = kMainTable;

  friend bool operator==(const RouteSwitch&, const RouteSwitch&) = default;
};

enum class SwitchState {
  AsFound,   // the route that was found carries the traffic, and ours is not there
  Switched,  // ours carries it
  Other,     // somebody changed the routes
};

[[nodiscard]] SwitchState state_of(const RouteSwitch& planned,
                                   const std::vector<DefaultRoute>& routes);
[[nodiscard]] Result<SwitchState> read_switch_state(const RouteSwitch& planned);

// One change. Errc::Conflict: the routes are not as found; nothing was changed then.
[[nodiscard]] Status make_switch(const RouteSwitch& planned);
// Exactly what was there. Well when it is there already; Errc::Conflict: somebody changed it.
[[nodiscard]] Status put_switch_back(const RouteSwitch& planned);

// A JSON object, and back. Errc::Invalid.
[[nodiscard]] std::string switch_json(const RouteSwitch& planned);
[[nodiscard]] Result<RouteSwitch> parse_switch(const std::string& json);

}  // namespace fieldmedic
