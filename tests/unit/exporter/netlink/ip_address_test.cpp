#include "exporter/netlink/ip_address.hpp"

#include <string>

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

TEST_CASE("ip address: only numbers are taken") {
  for (const char* good : {"10.0.0.1", "0.0.0.0", "::", "::1", "2001:db8::1", "::ffff:10.0.0.1"}) {
    CAPTURE(good);
    CHECK(parse_ip_address(good));
  }
  for (const auto bad :
       {std::string_view(""), std::string_view("10.0.0"), std::string_view("10.0.0.256"),
        std::string_view("localhost"), std::string_view("[::1]"), std::string_view("fe80::1%lo"),
        std::string_view("10.0.0.1 "), std::string_view("10.0.0.1\0", 9)}) {
    CAPTURE(bad);
    const auto address = parse_ip_address(bad);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == Errc::Invalid);
  }
  CHECK(*parse_ip_address("::ffff:10.0.0.1") == *parse_ip_address("10.0.0.1"));
}

TEST_CASE("ip network: which address lies in which") {
  struct Case {
    const char* network;
    const char* address;
    bool holds;
  };
  const Case cases[] = {
      {"10.9.0.0/16", "10.9.255.255", true},
      {"10.9.0.0/16", "10.8.255.255", false},
      {"10.9.0.0/16", "10.10.0.0", false},
      {"10.9.8.0/21", "10.9.15.255", true},
      {"10.9.8.0/21", "10.9.16.0", false},
      {"10.9.0.7", "10.9.0.7", true},
      {"10.9.0.7/32", "10.9.0.6", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "2001:db8::1", true},
      {"::/0", "10.0.0.1", false},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"::1", "::1", true},
      {"128.0.0.0/1", "128.0.0.1", true},
      {"128.0.0.0/1", "127.0.0.1", false},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.network << " and " << c.address) {
      const auto network = parse_ip_network(c.network);
      REQUIRE(network);
      CHECK(network->holds(*parse_ip_address(c.address)) == c.holds);
    }
}

TEST_CASE("ip network: what is no plain network is refused with the reason") {
  for (const char* bad : {"", "10.9.0.0/", "10.9.0.0/33", "10.9.0.0/-1", "10.9.0.0/16x", "::/129",
                          "host/8", "/8", "10.9.0.0/16/16"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_ip_network(bad));
  }
  CHECK(parse_ip_network("10.9.0.1/16").error().message.find("bits behind the prefix") !=
        std::string::npos);
  CHECK(parse_ip_network("::ffff:10.9.0.0/112").error().message.find("as IPv4") !=
        std::string::npos);
}

TEST_CASE("ip network: a host of it is no network address where there is another") {
  CHECK(parse_ip_network("10.9.0.0/16")->some_host() == *parse_ip_address("10.9.0.1"));
  CHECK(parse_ip_network("10.9.0.4/31")->some_host() == *parse_ip_address("10.9.0.4"));
  CHECK(parse_ip_network("10.9.0.7")->some_host() == *parse_ip_address("10.9.0.7"));
  CHECK(parse_ip_network("2001:db8::/32")->some_host() == *parse_ip_address("2001:db8::1"));
}

}  // namespace
}  // namespace fieldmedic
