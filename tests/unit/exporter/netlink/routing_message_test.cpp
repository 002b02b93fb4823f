#include "exporter/netlink/routing_message.hpp"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <random>

#include "tests/catch.hpp"
#include "tests/fakes/netlink_bytes.hpp"

namespace fieldmedic {
namespace {

rtmsg route_head(int family, unsigned char type = RTN_UNICAST) {
  rtmsg head{};
  head.rtm_family = static_cast<unsigned char>(family);
  head.rtm_type = type;
  head.rtm_table = RT_TABLE_MAIN;
  return head;
}

ByteList hop(int interface, const ByteList& attributes, unsigned char flags = 0) {
  return bytes_of(rtnexthop{
             .rtnh_len = static_cast<unsigned short>(sizeof(rtnexthop) + attributes.size()),
             .rtnh_flags = flags,
             .rtnh_hops = 0,
             .rtnh_ifindex = interface}) +
         attributes;
}

ByteList default_route() {
  return bytes_of(route_head(AF_INET)) + attribute(RTA_TABLE, bytes_of(254U)) +
         attribute(RTA_PRIORITY, bytes_of(100U)) +
         attribute(RTA_GATEWAY, ip_bytes(AF_INET, "10.78.1.1")) +
         attribute(RTA_PREFSRC, ip_bytes(AF_INET, "10.78.1.2")) + attribute(RTA_OIF, bytes_of(4U));
}

ByteList interface(unsigned flags, int state) {
  ifinfomsg head{};
  head.ifi_index = 4;
  head.ifi_flags = flags;
  auto bytes = bytes_of(head) + attribute(IFLA_IFNAME, bytes_of("eth1"));
  if (state >= 0) {
    bytes = bytes + attribute(IFLA_OPERSTATE, bytes_of(static_cast<std::uint8_t>(state)));
  }
  return bytes;
}

TEST_CASE("route message: the default route is read with its way") {
  const auto route = parse_route(default_route());
  REQUIRE(route);
  CHECK(route->usable);
  CHECK(route->main_table);
  CHECK(route->prefix == 0);
  CHECK(route->metric == 100);
  CHECK(route->source == *parse_ip_address("10.78.1.2"));
  REQUIRE(route->hops.size() == 1);
  CHECK(route->hops[0] == RouteHop{4, *parse_ip_address("10.78.1.1"), false});
}

TEST_CASE("route message: several ways are read, each with whether it is dead") {
  const auto gateway = attribute(RTA_GATEWAY, ip_bytes(AF_INET, "10.78.1.1"));
  const auto route = parse_route(
      bytes_of(route_head(AF_INET)) +
      attribute(RTA_MULTIPATH, hop(4, gateway) + hop(5, {}, RTNH_F_LINKDOWN) + hop(6, {})));
  REQUIRE(route);
  REQUIRE(route->hops.size() == 3);
  CHECK(route->hops[0] == RouteHop{4, *parse_ip_address("10.78.1.1"), false});
  CHECK(route->hops[1] == RouteHop{5, {}, true});
  CHECK(route->hops[2] == RouteHop{6, {}, false});
  auto dead = route_head(AF_INET);
  dead.rtm_flags = RTNH_F_DEAD;
  CHECK(parse_route(bytes_of(dead) + attribute(RTA_OIF, bytes_of(4U)))->hops[0].dead);
}

TEST_CASE("route message: which routes lead anywhere, and of which table they are") {
  CHECK(parse_route(bytes_of(route_head(AF_INET6, RTN_LOCAL)))->usable);
  CHECK_FALSE(parse_route(bytes_of(route_head(AF_INET, RTN_UNREACHABLE)))->usable);
  CHECK_FALSE(parse_route(bytes_of(route_head(AF_INET, RTN_BLACKHOLE)))->usable);
  CHECK_FALSE(parse_route(bytes_of(route_head(AF_INET, RTN_BROADCAST)))->usable);
  CHECK_FALSE(parse_route(bytes_of(route_head(AF_INET)) + attribute(RTA_TABLE, bytes_of(1000U)))
                  ->main_table);
}

TEST_CASE("route message: a hop or an address of a wrong length is left out") {
  const auto head = bytes_of(route_head(AF_INET));
  auto broken = hop(4, {});
  broken[0] = std::byte{200};
  CHECK(parse_route(head + attribute(RTA_MULTIPATH, hop(3, {}) + broken))->hops.size() == 1);
  broken[0] = std::byte{0};
  CHECK(parse_route(head + attribute(RTA_MULTIPATH, broken))->hops.empty());
  CHECK_FALSE(parse_route(head + attribute(RTA_PREFSRC, ip_bytes(AF_INET6, "::1")))->source);
  CHECK(parse_route(head + attribute(RTA_OIF, ByteList(3)))->hops.empty());
}

TEST_CASE("interface message: what counts as operational") {
  struct Case {
    unsigned flags;
    int state;
    bool operational;
  };
  constexpr unsigned kCarrier = IFF_UP | IFF_LOWER_UP;
  for (const auto& c :
       {Case{kCarrier, 6, true}, Case{kCarrier, 0, true}, Case{kCarrier, -1, true},
        Case{IFF_UP, 0, false}, Case{IFF_LOWER_UP, 0, false}, Case{kCarrier, 2, false},
        Case{kCarrier, 3, false}, Case{kCarrier, 5, false}, Case{0, 6, true}}) {
    CAPTURE(c.flags, c.state);
    const auto read = parse_interface(interface(c.flags, c.state));
    REQUIRE(read);
    CHECK(*read == NetworkInterface{4, "eth1", c.operational});
  }
}

TEST_CASE("interface message: a name without an end is cut") {
  const auto read =
      parse_interface(bytes_of(ifinfomsg{}) + attribute(IFLA_IFNAME, ByteList(64, std::byte{'x'})));
  REQUIRE(read);
  CHECK(read->name == std::string(16, 'x'));
}

TEST_CASE("address message: a point-to-point link's own address is taken") {
  ifaddrmsg head{};
  head.ifa_family = AF_INET;
  head.ifa_prefixlen = 24;
  head.ifa_index = 4;
  const auto peer = attribute(IFA_ADDRESS, ip_bytes(AF_INET, "10.0.0.2"));
  const auto own = attribute(IFA_LOCAL, ip_bytes(AF_INET, "10.0.0.1"));
  CHECK(*parse_interface_address(bytes_of(head) + peer + own) ==
        InterfaceAddress{4, *parse_ip_address("10.0.0.1"), 24});
  CHECK(parse_interface_address(bytes_of(head) + peer)->address == *parse_ip_address("10.0.0.2"));
  CHECK_FALSE(parse_interface_address(bytes_of(head)));
}

TEST_CASE("routing messages: truncations and random bytes are survived") {
  std::mt19937 random(4711);
  for (const auto& good : {default_route(), interface(IFF_UP, 6)}) {
    int refused = 0;
    for (int round = 0; round < 10'000; ++round) {
      auto bytes = good;
      for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = std::byte(random() & 0xff);
      bytes.resize(random() % bytes.size());
      if (!parse_route(bytes)) ++refused;
      if (!parse_interface(bytes)) ++refused;
      if (!parse_interface_address(bytes)) ++refused;
    }
    CHECK(refused > 0);
  }
}

}  // namespace
}  // namespace fieldmedic
