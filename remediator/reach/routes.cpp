#include "remediator/reach/routes.hpp"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <libmnl/libmnl.h>

#include "remediator/reach/rtnetlink.hpp"

namespace fieldmedic {

namespace {

constexpr std::size_t kMostExact = 2048;
std::string hex_of(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::optional<std::string> bytes_of(std::string_view hex) {
  if (hex.size() % 2 != 0 || hex.size() / 2 < sizeof(rtmsg) || hex.size() / 2 > kMostExact)
    return std::nullopt;
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string bytes;
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    const int high = digit(hex[at]);
    const int low = digit(hex[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

constexpr unsigned kPassing = RTNH_F_DEAD | RTNH_F_LINKDOWN;

// RTA_MULTIPATH without what passes: structs rtnexthop, each with attributes of its own.
std::string steady_hops(std::string hops) {
  for (std::size_t at = 0; at + sizeof(rtnexthop) <= hops.size();) {
    rtnexthop hop;
    std::memcpy(&hop, hops.data() + at, sizeof hop);
    hop.rtnh_flags = static_cast<unsigned char>(hop.rtnh_flags & ~kPassing);
    std::memcpy(hops.data() + at, &hop, sizeof hop);
    if (hop.rtnh_len < sizeof hop) break;
    at += (hop.rtnh_len + 3U) / 4U * 4U;
  }
  return hops;
}

// The copy that exact_of makes; `whole` until something does not fit.
struct Copying {
  nlmsghdr* copy;
  bool whole = true;
};

int copy_attribute(const nlattr* attribute, void* data) {
  auto& copying = *static_cast<Copying*>(data);
  const auto type = mnl_attr_get_type(attribute);
  if (type == RTA_CACHEINFO) return MNL_CB_OK;
  std::string value(static_cast<const char*>(mnl_attr_get_payload(attribute)),
                    mnl_attr_get_payload_len(attribute));
  if (type == RTA_MULTIPATH) value = steady_hops(std::move(value));
  copying.whole = mnl_attr_put_check(copying.copy, kMostExact, type, value.size(), value.data());
  return copying.whole ? MNL_CB_OK : MNL_CB_STOP;
}

// Empty: it is larger than any that we put back.
std::string exact_of(const nlmsghdr* message) {
  rtmsg head;
  std::memcpy(&head, mnl_nlmsg_get_payload(message), sizeof head);
  head.rtm_flags &= ~kPassing;
  RtnetlinkRequest buffer{};
  Copying copying{mnl_nlmsg_put_header(buffer.data())};
  std::memcpy(mnl_nlmsg_put_extra_header(copying.copy, sizeof head), &head, sizeof head);
  if (mnl_attr_parse(message, sizeof head, copy_attribute, &copying) < 0 || !copying.whole)
    return {};
  return hex_of({static_cast<const char*>(mnl_nlmsg_get_payload(copying.copy)),
                 mnl_nlmsg_get_payload_len(copying.copy)});
}

struct Reading {
  DefaultRoute route;
  std::uint32_t table;
};

int read_attribute(const nlattr* attribute, void* data) {
  auto& reading = *static_cast<Reading*>(data);
  if (mnl_attr_get_payload_len(attribute) != sizeof(std::uint32_t)) return MNL_CB_OK;
  const std::uint32_t number = mnl_attr_get_u32(attribute);
  switch (mnl_attr_get_type(attribute)) {
    case RTA_TABLE: reading.table = number; break;
    case RTA_PRIORITY: reading.route.metric = number; break;
    case RTA_OIF: {
      std::array<char, IF_NAMESIZE> name{};
      if (if_indextoname(number, name.data()) != nullptr) reading.route.way.interface = name.data();
      break;
    }
    case RTA_GATEWAY: {
      std::array<char, INET_ADDRSTRLEN> text{};
      inet_ntop(AF_INET, mnl_attr_get_payload(attribute), text.data(), text.size());
      reading.route.way.gateway = text.data();
      break;
    }
    default: break;
  }
  return MNL_CB_OK;
}

struct Listing {
  std::uint32_t table;
  std::vector<DefaultRoute> routes;
};

int take_route(const nlmsghdr* message, void* data) {
  auto& listing = *static_cast<Listing*>(data);
  if (mnl_nlmsg_get_payload_len(message) < sizeof(rtmsg)) return MNL_CB_OK;
  rtmsg head;
  std::memcpy(&head, mnl_nlmsg_get_payload(message), sizeof head);
  if (head.rtm_family != AF_INET || head.rtm_dst_len != 0 || head.rtm_tos != 0 ||
      head.rtm_type != RTN_UNICAST)
    return MNL_CB_OK;
  Reading reading{{}, head.rtm_table};
  if (mnl_attr_parse(message, sizeof head, read_attribute, &reading) < 0) return MNL_CB_ERROR;
  if (reading.table != listing.table) return MNL_CB_OK;
  reading.route.exact = exact_of(message);
  // One that we could not put back is no reason to be silent about it.
  listing.routes.push_back(std::move(reading.route));
  return MNL_CB_OK;
}

Status change(std::uint32_t table, const RouteWay& way, std::uint32_t metric, int flags,
              std::string_view doing) {
  const unsigned interface = if_nametoindex(way.interface.c_str());
  if (interface == 0)
    return fail(Errc::Invalid, fmt::format("routes: there is no interface '{}'", way.interface));
  in_addr gateway{};
  if (!way.gateway.empty() && inet_pton(AF_INET, way.gateway.c_str(), &gateway) != 1)
    return fail(Errc::Invalid, fmt::format("routes: '{}' is no IPv4 address", way.gateway));
  RtnetlinkRequest buffer{};
  nlmsghdr* head = begin_rtnetlink(buffer, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | flags);
  rtmsg route{};
  route.rtm_family = AF_INET;
  route.rtm_table = RT_TABLE_UNSPEC;
  route.rtm_protocol = RTPROT_STATIC;
  route.rtm_scope = way.gateway.empty() ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  route.rtm_type = RTN_UNICAST;
  std::memcpy(mnl_nlmsg_put_extra_header(head, sizeof route), &route, sizeof route);
  mnl_attr_put_u32(head, RTA_TABLE, table);
  mnl_attr_put_u32(head, RTA_PRIORITY, metric);
  mnl_attr_put_u32(head, RTA_OIF, interface);
  if (!way.gateway.empty()) mnl_attr_put(head, RTA_GATEWAY, sizeof gateway, &gateway);
  return ask_rtnetlink(head, doing, nullptr, nullptr);
}

Status send_exact(const std::string& exact, std::uint16_t type, int flags, std::string_view doing) {
  const auto bytes = bytes_of(exact);
  if (!bytes) return fail(Errc::Invalid, "routes: what is to be sent is no route");
  RtnetlinkRequest buffer{};
  nlmsghdr* head = begin_rtnetlink(buffer, type, NLM_F_ACK | flags);
  std::memcpy(mnl_nlmsg_put_extra_header(head, bytes->size()), bytes->data(), bytes->size());
  return ask_rtnetlink(head, doing, nullptr, nullptr);
}

}  // namespace

Result<std::vector<DefaultRoute>> default_routes(std::uint32_t table) {
  RtnetlinkRequest buffer{};
  nlmsghdr* head = begin_rtnetlink(buffer, RTM_GETROUTE, NLM_F_DUMP);
  rtmsg question{};
  question.rtm_family = AF_INET;
  std::memcpy(mnl_nlmsg_put_extra_header(head, sizeof question), &question, sizeof question);
  Listing listing{table, {}};
  if (auto asked = ask_rtnetlink(head, "routes: list", take_route, &listing); !asked)
    return fail(asked.error());
  std::ranges::sort(listing.routes, {}, &DefaultRoute::metric);
  return std::move(listing.routes);
}

Status add_default_route(std::uint32_t table, const RouteWay& way, std::uint32_t metric) {
  return change(table, way, metric, NLM_F_EXCL, "routes: add");
}

Status replace_default_route(std::uint32_t table, const RouteWay& way, std::uint32_t metric) {
  return change(table, way, metric, NLM_F_REPLACE, "routes: replace");
}

Status put_default_route(const std::string& exact) {
  return send_exact(exact, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, "routes: put back");
}

Status remove_default_route(const std::string& exact) {
  return send_exact(exact, RTM_DELROUTE, 0, "routes: remove");
}

}  // namespace fieldmedic
