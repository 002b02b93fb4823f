#include "common/address.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("addresses are read as numbers and a port") {
  struct Case {
    const char* text;
    Address want;
  };
  const Case cases[] = {
      {"127.0.0.1:5514", {"127.0.0.1", 5514}},
      {"0.0.0.0:0", {"0.0.0.0", 0}},
      {"[::1]:9987", {"::1", 9987}},
      {"[fe80::1]:65535", {"fe80::1", 65535}},
      {":9987", {"", 9987}},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.text) {
      CHECK(parse_address(c.text) == c.want);
    }
}

TEST_CASE("what is no address is refused with what was wanted") {
  const char* const cases[] = {"",
                               "127.0.0.1",
                               "127.0.0.1:",
                               "127.0.0.1:65536",
                               "127.0.0.1:-1",
                               "127.0.0.1:1x",
                               "127.0.0.1: 1",
                               "localhost:1",
                               "::1:9987x",
                               "::1:9987",
                               "[::1]",
                               "[::1]9987",
                               "[127.0.0.1]:1",
                               "[]:1",
                               "256.0.0.1:1",
                               "127.1:1",
                               "http://127.0.0.1:1"};
  for (const char* text : cases) DYNAMIC_SECTION("refused " << text) {
      const auto address = parse_address(text);
      REQUIRE_FALSE(address);
      CHECK(address.error() ==
            Error{Errc::Invalid, "wants an address such as 127.0.0.1:5514 or [::1]:5514, got '" +
                                     std::string(text) + "'"});
    }
}

}  // namespace fieldmedic
