// filefd, uname, time and timex: the small ones.
#include <sys/timex.h>
#include <sys/utsname.h>

#include <cstring>

#include "exporter/host/filefd.hpp"
#include "exporter/host/time.hpp"
#include "exporter/host/timex.hpp"
#include "exporter/host/uname.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/manual_clock.hpp"

using namespace fieldmedic;

TEST_CASE("filefd: the first and the third number are read") {
  const auto handles = parse_file_nr("1024\t0\t1631329\n");
  REQUIRE(handles);
  CHECK(handles->allocated == 1024);
  CHECK(handles->maximum == 1631329);
  for (const auto* text : {"", "1\t0\t2", "1\t0\n", "1\t0\tx\n", "-1\t0\t2\n", "\n"}) {
    INFO(text);
    CHECK_FALSE(parse_file_nr(text));
  }
  const auto families = make_filefd_module(host_at(fixture_host()))->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_filefd_allocated") == 1024);
  CHECK(value_of(*families, "node_filefd_maximum") == 1631329);
}

TEST_CASE("uname: each name is a label") {
  utsname names{};
  std::strcpy(names.sysname, "Linux");
  std::strcpy(names.nodename, "sh-01");
  std::strcpy(names.release, "6.1");
  std::strcpy(names.version, "#1");
  std::strcpy(names.machine, "x86_64");
  std::strcpy(names.domainname, "(none)");
  CHECK(value_of(uname_families(names), "node_uname_info",
                 {{"sysname", "Linux"},
                  {"nodename", "sh-01"},
                  {"release", "6.1"},
                  {"version", "#1"},
                  {"machine", "x86_64"},
                  {"domainname", "(none)"}}) == 1);
}

TEST_CASE("time: the clock, the zone and the clock sources are told") {
  ManualClock clock;
  const auto families = make_time_module(host_at(fixture_host()), clock)->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_time_seconds") ==
        std::chrono::duration<double>(clock.wall().time_since_epoch()).count());
  CHECK(find_family(*families, "node_time_zone_offset_seconds"));
  CHECK(value_of(*families, "node_time_clocksource_available_info",
                 {{"device", "0"}, {"clocksource", "hpet"}}) == 1);
  CHECK(value_of(*families, "node_time_clocksource_current_info",
                 {{"device", "0"}, {"clocksource", "tsc"}}) == 1);
  CHECK(parse_clock_sources("").empty());
  CHECK(parse_clock_sources("a b \nc\n") == std::vector<std::string_view>{"a", "b"});
}

TEST_CASE("time: a host without clock sources has the clock") {
  ManualClock clock;
  const auto families = make_time_module(host_at("/nonexistent"), clock)->collect({});
  REQUIRE(families);
  CHECK(find_family(*families, "node_time_seconds"));
  CHECK_FALSE(find_family(*families, "node_time_clocksource_current_info"));
}

TEST_CASE("timex: units follow the status and an unsynchronised clock is told") {
  timex time{};
  time.offset = 2'000'000;
  time.maxerror = 500'000;
  time.freq = 65536;
  time.tick = 10'000;
  auto families = timex_families(time, TIME_ERROR);
  CHECK(value_of(families, "node_timex_offset_seconds") == 2);
  CHECK(value_of(families, "node_timex_maxerror_seconds") == 0.5);
  CHECK(value_of(families, "node_timex_frequency_adjustment_ratio") == 1 + 1e-6);
  CHECK(value_of(families, "node_timex_tick_seconds") == 0.01);
  CHECK(value_of(families, "node_timex_sync_status") == 0);
  time.status = STA_NANO;
  families = timex_families(time, TIME_OK);
  CHECK(value_of(families, "node_timex_offset_seconds") == 0.002);
  CHECK(value_of(families, "node_timex_sync_status") == 1);
  CHECK(value_of(families, "node_timex_status") == STA_NANO);
}
