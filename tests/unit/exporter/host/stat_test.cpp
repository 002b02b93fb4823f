#include "exporter/host/stat.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"

using namespace fieldmedic;

TEST_CASE("stat: the six values are read from among the others") {
  const auto stat = parse_kernel_stat(
      "cpu 1\nintr 416242 0 0\nctxt 774088\nbtime 1795419249\nprocesses 15879\nprocs_running 1\n"
      "procs_blocked 2\nsoftirq 3\n");
  REQUIRE(stat);
  CHECK(stat->interrupts == 416242);
  CHECK(stat->context_switches == 774088);
  CHECK(stat->boot_time_s == 1795419249);
  CHECK(stat->forks == 15879);
  CHECK(stat->running == 1);
  CHECK(stat->blocked == 2);
}

TEST_CASE("stat: a missing or odd line is an error and not a zero") {
  for (const auto* text :
       {"", "intr 1\n", "intr 1\nctxt 1\nbtime 1\nprocesses 1\nprocs_running 1\n",
        "intr x\nctxt 1\nbtime 1\nprocesses 1\nprocs_running 1\nprocs_blocked 1\n",
        "intr 1\nctxt 1\nbtime 1\nprocesses 1\nprocs_running 1\nprocs_blocked 1"}) {
    INFO(text);
    const auto stat = parse_kernel_stat(text);
    REQUIRE_FALSE(stat);
    CHECK(stat.error().code == Errc::Malformed);
  }
}

TEST_CASE("stat: the module uses the names and types of node_exporter") {
  const auto families = make_stat_module(host_at(fixture_host()))->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_boot_time_seconds"));
  CHECK(find_family(*families, "node_forks_total")->type == prometheus::MetricType::Counter);
  CHECK(find_family(*families, "node_procs_running")->type == prometheus::MetricType::Gauge);
}
