#include "exporter/link/link_match.hpp"

#include <algorithm>

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

IpAddress ip(const char* text) {
  return *parse_ip_address(text);
}

LinkConfig interface_link(const char* name) {
  return {.name = name, .matches = InterfaceLink{name}};
}
LinkConfig source_link(const char* address) {
  return {.name = "source", .matches = SourceLink{ip(address)}};
}
LinkConfig peer_link(const char* network) {
  return {.name = "peer", .matches = PeerLink{*parse_ip_network(network)}};
}

// eth1 (2) and eth2 (3) with a network each, eth2 with a second address; tun0 (4) is down.
RoutingView two_links() {
  return {.interfaces = {{1, "lo", true}, {2, "eth1", true}, {3, "eth2", true}, {4, "tun0", false}},
          .addresses = {{1, ip("127.0.0.1"), 8},
                        {2, ip("10.78.1.2"), 24},
                        {3, ip("10.78.2.2"), 24},
                        {3, ip("10.78.3.2"), 24},
                        {3, ip("2001:db8:2::2"), 64},
                        {4, ip("10.78.4.2"), 24}},
          .default_routes = {}};
}

IpRoute default_by(std::uint32_t interface, const char* gateway, std::uint32_t metric) {
  return {.family = ip(gateway).family,
          .usable = true,
          .main_table = true,
          .prefix = 0,
          .metric = metric,
          .source = {},
          .hops = {{interface, ip(gateway), false}}};
}

// The kernel's answer: by eth2 to 10.9.0.0/16, by tun0 to 10.4.0.0/16, elsewhere by eth1.
std::optional<std::uint32_t> way_out(const IpAddress&, const IpAddress& to) {
  if (parse_ip_network("10.9.0.0/16")->holds(to)) return 3;
  if (parse_ip_network("10.4.0.0/16")->holds(to)) return 4;
  if (parse_ip_network("192.0.2.0/24")->holds(to)) return std::nullopt;
  return 2;
}

InetSocket connection(const char* from, const char* to, std::uint32_t bound = 0) {
  InetSocket socket;
  socket.local = ip(from);
  socket.peer = ip(to);
  socket.interface = bound;
  return socket;
}

TEST_CASE("link match: the first link that matches takes the connection") {
  const std::vector<LinkConfig> links = {peer_link("10.9.7.0/24"), source_link("10.78.2.2"),
                                         interface_link("eth2"), interface_link("eth1"),
                                         peer_link("0.0.0.0/0")};
  struct Case {
    InetSocket socket;
    std::size_t place;
  };
  const Case cases[] = {
      {connection("10.78.2.2", "10.9.7.1"), 0},  // before its source and its interface
      {connection("10.78.2.2", "10.9.8.1"), 1},
      {connection("10.78.3.2", "10.9.8.1"), 2},
      {connection("10.78.1.2", "10.9.8.1"), 2},  // the way out decides, not the address
      {connection("10.78.1.2", "10.8.0.1"), 3},
      {connection("10.78.1.2", "10.9.8.1", 2), 3},  // bound to eth1
      {connection("10.78.1.2", "10.4.0.1"), 4},     // by tun0, which is no link
      {connection("10.78.1.2", "192.0.2.1"), 4},    // no way out at all
      {connection("2001:db8:2::2", "2001:db8::1", 4), kNoLink},
  };
  for (const auto& c : cases) CHECK(link_of(c.socket, links, two_links(), way_out) == c.place);
}

TEST_CASE("link match: the routing table is asked once at most, and only for interface links") {
  int asked = 0;
  const WayOut counting = [&](const IpAddress&, const IpAddress&) -> std::optional<std::uint32_t> {
    ++asked;
    return std::nullopt;
  };
  const auto socket = connection("10.78.1.2", "10.8.0.1");
  const std::vector<LinkConfig> many = {interface_link("eth2"), interface_link("eth1"),
                                        interface_link("gone")};
  CHECK(link_of(socket, many, two_links(), counting) == kNoLink);
  CHECK(asked == 1);
  const std::vector<LinkConfig> first = {source_link("10.78.1.2"), interface_link("eth1")};
  CHECK(link_of(socket, first, two_links(), counting) == 0);
  CHECK(asked == 1);
}

TEST_CASE("link match: an interface that has no index yet takes nothing") {
  const std::vector<LinkConfig> links = {interface_link("gone")};
  CHECK(link_of(connection("10.78.1.2", "10.8.0.1"), links, two_links(),
                [](const IpAddress&, const IpAddress&) { return std::nullopt; }) == kNoLink);
}

TEST_CASE("link up: by interface, address and route") {
  struct Case {
    LinkConfig link;
    bool up;
  };
  const Case cases[] = {
      {interface_link("eth1"), true},     {interface_link("tun0"), false},
      {interface_link("gone"), false},    {source_link("10.78.3.2"), true},
      {source_link("10.78.4.2"), false},                                      // on tun0
      {source_link("10.78.9.9"), false},                                      // on no interface
      {peer_link("10.9.0.0/16"), true},   {peer_link("10.4.0.0/16"), false},  // by tun0
      {peer_link("192.0.2.0/24"), false},                                     // no route
  };
  for (const auto& c : cases) CHECK(is_up(c.link, two_links(), way_out) == c.up);
}

TEST_CASE("default route: the lowest metric carries it, and it moves") {
  auto view = two_links();
  const auto eth1 = interface_link("eth1");
  const auto eth2 = interface_link("eth2");
  CHECK_FALSE(carries_default_route(eth1, view));
  view.default_routes = {default_by(2, "10.78.1.1", 100), default_by(3, "10.78.2.1", 200)};
  CHECK(carries_default_route(eth1, view));
  CHECK_FALSE(carries_default_route(eth2, view));
  view.default_routes[0].metric = 300;
  CHECK_FALSE(carries_default_route(eth1, view));
  CHECK(carries_default_route(eth2, view));
  view.default_routes[1].hops[0].dead = true;  // no carrier: the next best takes over
  CHECK(carries_default_route(eth1, view));
  view.default_routes[0].usable = false;  // unreachable
  CHECK_FALSE(carries_default_route(eth1, view));
}

TEST_CASE("default route: several ways each carry it, and so do IPv4 and IPv6") {
  auto view = two_links();
  view.default_routes = {default_by(2, "10.78.1.1", 100)};
  view.default_routes[0].hops.push_back({3, ip("10.78.2.1"), false});
  CHECK(carries_default_route(interface_link("eth1"), view));
  CHECK(carries_default_route(interface_link("eth2"), view));
  view.default_routes = {default_by(2, "10.78.1.1", 100), default_by(3, "2001:db8:2::1", 1024)};
  CHECK(carries_default_route(interface_link("eth2"), view));
}

TEST_CASE("default route: which source address it takes") {
  auto view = two_links();
  view.default_routes = {default_by(3, "10.78.3.1", 100)};
  CHECK(carries_default_route(source_link("10.78.3.2"), view));  // of the gateway's network
  CHECK_FALSE(carries_default_route(source_link("10.78.2.2"), view));
  view.default_routes[0].source = ip("10.78.2.2");
  CHECK(carries_default_route(source_link("10.78.2.2"), view));
  CHECK_FALSE(carries_default_route(source_link("10.78.3.2"), view));
  view.default_routes[0].source.reset();
  view.default_routes[0].hops[0].gateway.reset();
  CHECK(carries_default_route(source_link("10.78.2.2"), view));  // the interface's first
  view.default_routes = {default_by(3, "fe80::1", 1024)};
  CHECK(carries_default_route(source_link("2001:db8:2::2"), view));
  CHECK_FALSE(carries_default_route(source_link("10.78.2.2"), view));
}

TEST_CASE("default route: a peer network that holds the gateway") {
  auto view = two_links();
  view.default_routes = {default_by(2, "10.78.1.1", 100)};
  CHECK(carries_default_route(peer_link("10.78.1.0/24"), view));
  CHECK_FALSE(carries_default_route(peer_link("10.78.2.0/24"), view));
}

}  // namespace
}  // namespace fieldmedic
