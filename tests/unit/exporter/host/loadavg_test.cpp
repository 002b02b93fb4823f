#include "exporter/host/loadavg.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"

using namespace fieldmedic;

TEST_CASE("loadavg: three numbers are read") {
  const auto load = parse_loadavg("0.21 0.37 0.39 1/719 19737\n");
  REQUIRE(load);
  CHECK(load->one == 0.21);
  CHECK(load->five == 0.37);
  CHECK(load->fifteen == 0.39);
}

TEST_CASE("loadavg: a truncated or odd file is an error and not a zero") {
  for (const auto* text :
       {"", "0.21 0.37\n", "0.21 0.37 0.39", "a b c\n", "0.2x 0.3 0.4\n", "\n"}) {
    INFO(text);
    const auto load = parse_loadavg(text);
    REQUIRE_FALSE(load);
    CHECK(load.error().code == Errc::Malformed);
  }
}

TEST_CASE("loadavg: the module uses the names of node_exporter") {
  const auto families = make_loadavg_module(host_at(fixture_host()))->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_load1"));
  CHECK(value_of(*families, "node_load5"));
  CHECK(value_of(*families, "node_load15"));
}
