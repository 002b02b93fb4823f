// What HAProxy's runtime API says.
#include "remediator/reach/haproxy.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic;

TEST_CASE("haproxy: server states by the names of their columns") {
  const auto servers = parse_servers_state(
      "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state later\n"
      "3 collect 1 a 127.0.0.1 2 0 x\n3 collect 2 b 127.0.0.1 0 0 x\n3 collect 3 c - 2 8 x\n\n");
  REQUIRE(servers);
  REQUIRE(servers->size() == 3);
  CHECK((*servers)[0].name == "a");
  CHECK((*servers)[0].in_balance());
  CHECK_FALSE((*servers)[1].in_balance());
  CHECK_FALSE((*servers)[2].in_balance());
  CHECK((*servers)[2].administrative == kForcedDrain);
}

TEST_CASE("haproxy: answers that are none") {
  const std::pair<const char*, Errc> cases[] = {
      {"", Errc::Malformed},
      {"Can't find backend.\n", Errc::NotFound},
      {"No such backend.\n", Errc::NotFound},
      {"Permission denied\n", Errc::Denied},
      {"2\n# srv_name\n", Errc::Invalid},
      {"1\n# srv_name srv_op_state\na 2\n", Errc::Malformed},
      {"1\n# srv_name srv_op_state srv_admin_state\na 2\n", Errc::Malformed},
      {"1\n# srv_name srv_op_state srv_admin_state\na 2 x\n", Errc::Malformed},
      {"1\na 2 0\n", Errc::Malformed},
  };
  for (const auto& [text, code] : cases) {
    INFO(text);
    const auto servers = parse_servers_state(text);
    REQUIRE_FALSE(servers);
    CHECK(servers.error().code == code);
  }
}

TEST_CASE("haproxy: a name can end no command and begin no other") {
  CHECK(is_haproxy_name("sh-01.store:1_a"));
  for (const char* name : {"", "a b", "a;b", "a/b", "a\nb", "a\\b", "ä"})
    CHECK_FALSE(is_haproxy_name(name));
  CHECK_FALSE(is_haproxy_name(std::string(129, 'a')));
}
