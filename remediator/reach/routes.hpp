// The IPv4 default routes of this host, and one change of them at a time, by rtnetlink(7).
//
// Sees the network namespace of the calling thread. Each call opens its socket and waits two
// seconds for the kernel at most. Errors: Errc::Denied (a change wants CAP_NET_ADMIN), Conflict
// (a route is there already, or is not there any more), Invalid (no such interface, or the gateway
// is not reached by it), Unavailable, TooLarge (more routes than are looked through).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

// The way that a default route takes.
struct RouteWay {
  std::string interface;  // "eth1"; empty in what was read: several at once
  std::string gateway;    // "10.79.0.1"; empty: everything is on the link

  friend bool operator==(const RouteWay&, const RouteWay&) = default;
};

struct DefaultRoute {
  RouteWay way;
  std::uint32_t metric = 0;
  // All that the kernel says of it but whether its link is up, in hexadecimal: what brings back
  // exactly this route, and tells it from every other.
  std::string exact;

  friend bool operator==(const DefaultRoute&, const DefaultRoute&) = default;
};

constexpr std::uint32_t kMainTable = 254;

// Those of the table by metric: the first carries the traffic.
[[nodiscard]] Result<std::vector<DefaultRoute>> default_routes(std::uint32_t table);

// A further one. Conflict: there is one of that metric.
[[nodiscard]] Status add_default_route(std::uint32_t table, const RouteWay& way,
                                       std::uint32_t metric);
// In place of the one of that metric, in one move: no packet finds none.
[[nodiscard]] Status replace_default_route(std::uint32_t table, const RouteWay& way,
                                           std::uint32_t metric);
// `exact` as it was read, in place of the one of its metric.
[[nodiscard]] Status put_default_route(const std::string& exact);
// Conflict: it is not there.
[[nodiscard]] Status remove_default_route(const std::string& exact);

}  // namespace fieldmedic
