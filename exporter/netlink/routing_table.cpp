#include "exporter/netlink/routing_table.hpp"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include <libmnl/libmnl.h>

namespace fieldmedic {
namespace {

constexpr std::size_t kRequest = 256;
constexpr int kMostAtOnce = 4096;
constexpr int kTries = 3;

constexpr std::uint32_t group(unsigned number) {
  return 1U << (number - 1);
}

// Interfaces too: when one goes down, its IPv4 routes go without a word.
constexpr std::uint32_t kGroups = group(RTNLGRP_LINK) | group(RTNLGRP_IPV4_IFADDR) |
                                  group(RTNLGRP_IPV4_ROUTE) | group(RTNLGRP_IPV4_RULE) |
                                  group(RTNLGRP_IPV6_IFADDR) | group(RTNLGRP_IPV6_ROUTE) |
                                  group(RTNLGRP_IPV6_RULE);

}  // namespace

Result<NetlinkSocket*> RoutingTable::open() {
  if (socket_) return &*socket_;
  auto opened = NetlinkSocket::open(NetlinkSocket::Protocol::Routing);
  if (!opened) return wrap(std::move(opened.error()), "routing table");
  return &socket_.emplace(std::move(*opened));
}

Status RoutingTable::dump(std::uint16_t type, const std::function<Status(ByteView)>& use) {
  const auto socket = open();
  if (!socket) return fail(socket.error());
  alignas(nlmsghdr) std::array<char, kRequest> request{};
  nlmsghdr* head = mnl_nlmsg_put_header(request.data());
  head->nlmsg_type = type;
  head->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  // Begins like rtmsg and ifaddrmsg: the family, 0 for all. The interfaces are asked for without
  // their statistics, which are most of the answer.
  const ifinfomsg all{};
  std::memcpy(mnl_nlmsg_put_extra_header(head, sizeof all), &all, sizeof all);
  if (type == RTM_GETLINK) mnl_attr_put_u32(head, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  auto status =
      (*socket)->ask(*head, [&](const NetlinkMessage& message) { return use(message.payload); });
  if (status) return {};
  socket_.reset();  // the rest of a broken answer must not meet the next question
  return wrap(std::move(status.error()), "routing table");
}

Result<RoutingView> RoutingTable::read() {
  auto view = read_once();
  for (int tries = 1; tries < kTries && !view && view.error().code == Errc::Conflict; ++tries) {
    view = read_once();
  }
  return view;
}

Result<RoutingView> RoutingTable::read_once() {
  RoutingView view;
  auto status = dump(RTM_GETLINK, [&](ByteView payload) -> Status {
    auto interface = parse_interface(payload);
    if (!interface) return fail(std::move(interface.error()));
    view.interfaces.push_back(std::move(*interface));
    return {};
  });
  if (!status) return fail(std::move(status.error()));
  // Of another family than IP (multicast routing, MPLS): none of ours.
  status = dump(RTM_GETADDR, [&](ByteView payload) -> Status {
    if (const auto address = parse_interface_address(payload)) view.addresses.push_back(*address);
    return {};
  });
  if (!status) return fail(std::move(status.error()));
  status = dump(RTM_GETROUTE, [&](ByteView payload) -> Status {
    auto route = parse_route(payload);
    if (route && route->main_table && route->prefix == 0) {
      view.default_routes.push_back(std::move(*route));
    }
    return {};
  });
  if (!status) return fail(std::move(status.error()));
  return view;
}

std::optional<std::uint32_t> RoutingTable::way_out(const IpAddress& from, const IpAddress& to) {
  const auto socket = open();
  if (!socket) return std::nullopt;
  alignas(nlmsghdr) std::array<char, kRequest> request{};
  nlmsghdr* head = mnl_nlmsg_put_header(request.data());
  head->nlmsg_type = RTM_GETROUTE;
  head->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  const auto bits = static_cast<unsigned char>(size_of(to.family) * 8);
  rtmsg question{};
  question.rtm_family = to.family == IpFamily::V6 ? AF_INET6 : AF_INET;
  question.rtm_dst_len = bits;
  const bool bound = from.family == to.family && !from.wildcard();
  if (bound) question.rtm_src_len = bits;
  std::memcpy(mnl_nlmsg_put_extra_header(head, sizeof question), &question, sizeof question);
  mnl_attr_put(head, RTA_DST, size_of(to.family), to.bytes.data());
  if (bound) mnl_attr_put(head, RTA_SRC, size_of(from.family), from.bytes.data());

  std::optional<std::uint32_t> interface;
  const auto status = (*socket)->ask(*head, [&](const NetlinkMessage& message) -> Status {
    const auto route = parse_route(message.payload);
    if (route && route->usable && !route->hops.empty()) interface = route->hops[0].interface;
    return {};
  });
  if (status) return interface;
  if (status.error().code != Errc::NotFound) socket_.reset();
  return std::nullopt;
}

Result<RoutingChanges> RoutingChanges::subscribe() {
  auto socket = NetlinkSocket::open(NetlinkSocket::Protocol::Routing, kGroups);
  if (!socket) return wrap(std::move(socket.error()), "changes of routes");
  return RoutingChanges(std::move(*socket));
}

Result<bool> RoutingChanges::any() {
  bool changed = false;
  for (int datagrams = 0; datagrams < kMostAtOnce; ++datagrams) {
    const auto datagram = socket_.receive();
    if (datagram && datagram->empty()) break;
    if (!datagram && datagram.error().code != Errc::Full) {
      return wrap(datagram.error(), "changes of routes");
    }
    changed = true;
  }
  return changed;
}

}  // namespace fieldmedic
