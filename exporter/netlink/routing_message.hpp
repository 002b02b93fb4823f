// What the kernel says of routes, interfaces and addresses. Pure. Protocol: rtnetlink(7),
// linux/rtnetlink.h, linux/if_link.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "exporter/netlink/ip_address.hpp"
#include "exporter/netlink/message.hpp"

namespace fieldmedic {

// One way of a route; several share the traffic.
struct RouteHop {
  std::uint32_t interface = 0;
  std::optional<IpAddress> gateway;
  bool dead = false;  // its interface is down or has no carrier

  friend bool operator==(const RouteHop&, const RouteHop&) = default;
};

struct IpRoute {
  IpFamily family = IpFamily::V4;
  bool usable = false;  // to a host or to this one, not unreachable, blackhole, broadcast …
  bool main_table = false;
  unsigned prefix = 0;  // 0: the default route
  std::uint32_t metric = 0;
  std::optional<IpAddress> source;  // that connections take unless they choose themselves
  std::vector<RouteHop> hops;

  friend bool operator==(const IpRoute&, const IpRoute&) = default;
};

struct NetworkInterface {
  std::uint32_t index = 0;
  std::string name;
  bool operational = false;  // operstate up; where the driver tells none: switched on with carrier

  friend bool operator==(const NetworkInterface&, const NetworkInterface&) = default;
};

struct InterfaceAddress {
  std::uint32_t interface = 0;
  IpAddress address;
  unsigned prefix = 0;

  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

// The payloads of RTM_NEWROUTE, RTM_NEWLINK and RTM_NEWADDR. Errc::Malformed when too short or of a
// family that is none of IP; unknown attributes are skipped, ones of a wrong length too.
[[nodiscard]] Result<IpRoute> parse_route(ByteView payload);
[[nodiscard]] Result<NetworkInterface> parse_interface(ByteView payload);
[[nodiscard]] Result<InterfaceAddress> parse_interface_address(ByteView payload);

}  // namespace fieldmedic
