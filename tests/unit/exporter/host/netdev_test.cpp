#include "exporter/host/netdev.hpp"

#include <string>

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"

using namespace fieldmedic;

namespace {

const std::string kHeading = "Inter-|   Receive |  Transmit\n face |bytes packets |bytes packets\n";

}  // namespace

TEST_CASE("netdev: names may touch their first number and hold colons") {
  const std::string text = kHeading +
                           "  eth0:123 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
                           "eth0:1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n";
  const auto devices = parse_netdev(text);
  REQUIRE(devices);
  REQUIRE(devices->size() == 2);
  CHECK((*devices)[0].device == "eth0");
  CHECK((*devices)[0].values[0] == 123);
  CHECK((*devices)[1].device == "eth0:1");
  CHECK((*devices)[1].values[15] == 16);
}

TEST_CASE("netdev: a truncated or odd file is an error and not a zero") {
  for (const std::string& text :
       {std::string(), std::string("x\ny\n"), kHeading + "eth0: 1 2 3\n",
        kHeading + "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", kHeading + "eth0 1 2\n",
        kHeading + "eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 x\n", kHeading + "\n"}) {
    INFO(text);
    const auto devices = parse_netdev(text);
    REQUIRE_FALSE(devices);
    CHECK(devices.error().code == Errc::Malformed);
  }
}

TEST_CASE("netdev: the loopback device is left out") {
  const auto families = make_netdev_module(host_at(fixture_host()), {})->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_network_receive_bytes_total", {{"device", "eth0"}}));
  CHECK_FALSE(value_of(*families, "node_network_receive_bytes_total", {{"device", "lo"}}));
}
