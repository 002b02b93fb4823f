#include "exporter/netlink/routing_message.hpp"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

namespace fieldmedic {
namespace {

std::unexpected<Error> malformed(const char* of) {
  return fail(Errc::Malformed, std::string("routing: a message that tells of no ") + of);
}

std::optional<IpFamily> family_of(unsigned char number) {
  if (number == AF_INET) return IpFamily::V4;
  if (number == AF_INET6) return IpFamily::V6;
  return std::nullopt;
}

std::optional<IpAddress> address_in(IpFamily family, ByteView value) {
  if (value.size() != size_of(family)) return std::nullopt;
  return ip_address(family, value);
}

bool is_dead(unsigned flags) {
  return (flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN)) != 0;
}

// RTA_MULTIPATH: structs rtnexthop, each with attributes of its own.
std::vector<RouteHop> read_hops(IpFamily family, ByteView list) {
  std::vector<RouteHop> hops;
  while (const auto head = read_plain<rtnexthop>(list)) {
    if (head->rtnh_len < sizeof *head || head->rtnh_len > list.size()) break;
    RouteHop hop{.interface = static_cast<std::uint32_t>(head->rtnh_ifindex),
                 .gateway = {},
                 .dead = is_dead(head->rtnh_flags)};
    auto attributes = list.subspan(sizeof *head, head->rtnh_len - sizeof *head);
    while (const auto attribute = take_attribute(attributes)) {
      if (attribute->type == RTA_GATEWAY) hop.gateway = address_in(family, attribute->value);
    }
    hops.push_back(hop);
    constexpr std::size_t kAlign = RTNH_ALIGNTO;
    const std::size_t padded = (head->rtnh_len + kAlign - 1) / kAlign * kAlign;
    list = list.subspan(std::min(list.size(), padded));
  }
  return hops;
}

}  // namespace

Result<IpRoute> parse_route(ByteView payload) {
  const auto head = read_plain<rtmsg>(payload);
  const auto family = head ? family_of(head->rtm_family) : std::nullopt;
  if (!family) return malformed("IP route");
  IpRoute route{.family = *family,
                .usable = head->rtm_type == RTN_UNICAST || head->rtm_type == RTN_LOCAL,
                .main_table = head->rtm_table == RT_TABLE_MAIN,
                .prefix = head->rtm_dst_len,
                .metric = 0,
                .source = {},
                .hops = {}};
  RouteHop hop{.interface = 0, .gateway = {}, .dead = is_dead(head->rtm_flags)};
  auto attributes = payload.subspan(sizeof *head);
  while (const auto attribute = take_attribute(attributes)) {
    const auto value = attribute->value;
    const auto number = read_plain<std::uint32_t>(value);
    switch (attribute->type) {
      case RTA_OIF: hop.interface = number.value_or(0); break;
      case RTA_GATEWAY: hop.gateway = address_in(*family, value); break;
      case RTA_PREFSRC: route.source = address_in(*family, value); break;
      case RTA_PRIORITY: route.metric = number.value_or(0); break;
      case RTA_TABLE: route.main_table = number == RT_TABLE_MAIN; break;
      case RTA_MULTIPATH: route.hops = read_hops(*family, value); break;
      default: break;
    }
  }
  if (hop.interface != 0) route.hops.push_back(hop);
  return route;
}

Result<NetworkInterface> parse_interface(ByteView payload) {
  const auto head = read_plain<ifinfomsg>(payload);
  if (!head) return malformed("interface");
  NetworkInterface interface{
      .index = static_cast<std::uint32_t>(head->ifi_index), .name = {}, .operational = false};
  std::uint8_t state = IF_OPER_UNKNOWN;
  auto attributes = payload.subspan(sizeof *head);
  while (const auto attribute = take_attribute(attributes)) {
    const auto value = attribute->value;
    if (attribute->type == IFLA_IFNAME) {
      const auto* text = reinterpret_cast<const char*>(value.data());
      interface.name.assign(text, strnlen(text, std::min<std::size_t>(value.size(), IFNAMSIZ)));
    }
    if (attribute->type == IFLA_OPERSTATE) {
      state = read_plain<std::uint8_t>(value).value_or(IF_OPER_UNKNOWN);
    }
  }
  constexpr unsigned kCarrier = IFF_UP | IFF_LOWER_UP;
  interface.operational =
      state == IF_OPER_UP || (state == IF_OPER_UNKNOWN && (head->ifi_flags & kCarrier) == kCarrier);
  return interface;
}

Result<InterfaceAddress> parse_interface_address(ByteView payload) {
  const auto head = read_plain<ifaddrmsg>(payload);
  const auto family = head ? family_of(head->ifa_family) : std::nullopt;
  if (!family) return malformed("IP address");
  std::optional<IpAddress> address;
  std::optional<IpAddress> local;  // on a point-to-point link IFA_ADDRESS is the other end
  auto attributes = payload.subspan(sizeof *head);
  while (const auto attribute = take_attribute(attributes)) {
    if (attribute->type == IFA_ADDRESS) address = address_in(*family, attribute->value);
    if (attribute->type == IFA_LOCAL) local = address_in(*family, attribute->value);
  }
  if (!local) local = address;
  if (!local) return malformed("IP address");
  return InterfaceAddress{
      .interface = head->ifa_index, .address = *local, .prefix = head->ifa_prefixlen};
}

}  // namespace fieldmedic
