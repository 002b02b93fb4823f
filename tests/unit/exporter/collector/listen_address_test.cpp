#include "exporter/collector/listen_address.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

TEST_CASE("listen address: only a literal address and a port are taken") {
  for (const char* good :
       {"127.0.0.1:5514", "0.0.0.0:1", "[::1]:65535", "[::]:80", "[2001:db8::1]:443"}) {
    CAPTURE(good);
    CHECK(parse_listen_address(good));
  }
  for (const char* bad :
       {"", ":", "5514", ":5514", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:80x", "localhost:80", "::1:80", "[::1]", "[::1:80",
        "[127.0.0.1]:80", "[fe80::1%lo]:80", "256.0.0.1:80"}) {
    CAPTURE(bad);
    const auto address = parse_listen_address(bad);
    REQUIRE_FALSE(address);
    CHECK(address.error().code == Errc::Invalid);
  }
}

TEST_CASE("listen address: which socket serves which address") {
  struct Case {
    const char* listener;
    bool v6_only;
    const char* wanted;
    bool serves;
  };
  const Case cases[] = {
      {"127.0.0.1:80", false, "127.0.0.1:80", true},
      {"127.0.0.1:80", false, "127.0.0.1:81", false},
      {"127.0.0.1:80", false, "127.0.0.2:80", false},
      {"127.0.0.1:80", false, "0.0.0.0:80", false},
      {"127.0.0.1:80", false, "[::1]:80", false},
      {"0.0.0.0:80", false, "127.0.0.1:80", true},
      {"0.0.0.0:80", false, "0.0.0.0:80", true},
      {"0.0.0.0:80", false, "[::1]:80", false},
      {"0.0.0.0:80", false, "[::]:80", false},
      {"[::]:80", false, "[::1]:80", true},
      {"[::]:80", false, "127.0.0.1:80", true},
      {"[::]:80", false, "0.0.0.0:80", true},
      {"[::]:80", true, "127.0.0.1:80", false},
      {"[::]:80", true, "[::1]:80", true},
      {"[::1]:80", false, "[::1]:80", true},
      {"[::1]:80", false, "127.0.0.1:80", false},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.listener << (c.v6_only ? " v6 only" : "") << " for " << c.wanted) {
      const Listener listener{*parse_listen_address(c.listener), c.v6_only};
      CHECK(listener.serves(*parse_listen_address(c.wanted)) == c.serves);
    }
  }
}

TEST_CASE("listen address: IPv4 inside IPv6 is IPv4") {
  CHECK(parse_listen_address("[::ffff:10.0.0.1]:80") == parse_listen_address("10.0.0.1:80"));
}

}  // namespace
}  // namespace fieldmedic
