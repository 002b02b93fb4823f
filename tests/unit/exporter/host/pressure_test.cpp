#include "exporter/host/pressure.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

TEST_CASE("pressure: totals of some and full are read") {
  const auto totals = parse_pressure(
      "some avg10=0.00 avg60=0.00 avg300=0.00 total=8372391\n"
      "full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
  REQUIRE(totals);
  CHECK(totals->some_us == 8372391);
  CHECK(totals->full_us == 5);
}

TEST_CASE("pressure: a kernel that has no full line leaves it absent") {
  const auto totals = parse_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=1\n");
  REQUIRE(totals);
  CHECK_FALSE(totals->full_us);
}

TEST_CASE("pressure: a truncated or odd file is an error and not a zero") {
  for (const auto* text : {"", "some avg10=0.00 total=12", "some avg10=0.00\n", "full total=1\n",
                           "some total=x\n", "some total=\n", "some total=1 2\n"}) {
    INFO(text);
    const auto totals = parse_pressure(text);
    REQUIRE_FALSE(totals);
    CHECK(totals.error().code == Errc::Malformed);
  }
}

TEST_CASE("pressure: a host without PSI has no such module") {
  const TempTree empty;
  CHECK(make_pressure_module(host_at(empty.root)) == nullptr);
}

TEST_CASE("pressure: a file that is missing among the three is an error") {
  const TempTree host{{{"proc/pressure/cpu", "some total=1\n"}}};
  const auto module = make_pressure_module(host_at(host.root));
  REQUIRE(module);
  CHECK_FALSE(module->collect({}));
}
