#include "exporter/host/cpu.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

CpuTimes times(int cpu, double user, double idle) {
  CpuTimes t;
  t.cpu = cpu;
  t.seconds[0] = user;
  t.seconds[3] = idle;
  return t;
}

}  // namespace

TEST_CASE("cpu: ticks become seconds in the order of the kernel") {
  const auto cpus = parse_cpu_times(
      "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 142791 2 3 4 5 6 7 8 9 10\ncpu12 1 0 0 0 0 0 0 0 0 0\nintr "
      "5\n");
  REQUIRE(cpus);
  REQUIRE(cpus->size() == 2);
  CHECK((*cpus)[0].seconds[0] == 1427.91);
  CHECK((*cpus)[0].seconds[9] == 0.1);
  CHECK((*cpus)[1].cpu == 12);
}

TEST_CASE("cpu: a truncated or odd file is an error and not a zero") {
  for (const auto* text :
       {"", "cpu  1 2 3\n", "cpu0 1 2 3 4 5 6 7 8 9\n", "cpu0 1 2 3 4 5 6 7 8 9 10",
        "cpu0 1 2 3 4 5 6 7 8 9 x\n", "cpu0 1 2 3 4 5 6 7 8 9 -1\n", "cpux 1 2 3 4 5 6 7 8 9 10\n",
        "cpu0 1 2 3 4 5 6 7 8 9 99999999999999999999\n", "intr 1\n"}) {
    const auto cpus = parse_cpu_times(text);
    INFO(text);
    REQUIRE_FALSE(cpus);
    CHECK(cpus.error().code == Errc::Malformed);
  }
}

TEST_CASE("cpu: counters never step back") {
  std::vector<CpuTimes> shown{times(0, 10, 100)};
  keep_rising(shown, {times(0, 9, 98)});
  CHECK(shown[0].seconds[0] == 10);
  CHECK(shown[0].seconds[3] == 100);
  keep_rising(shown, {times(0, 11, 101)});
  CHECK(shown[0].seconds[3] == 101);
}

TEST_CASE("cpu: idle that falls by three seconds is a CPU that was replaced") {
  std::vector<CpuTimes> shown{times(0, 10, 100)};
  keep_rising(shown, {times(0, 1, 97.01)});
  CHECK(shown[0].seconds[0] == 10);
  keep_rising(shown, {times(0, 1, 97)});
  CHECK(shown[0].seconds[0] == 1);
  CHECK(shown[0].seconds[3] == 97);
}

TEST_CASE("cpu: a CPU taken out is forgotten and one put in is shown") {
  std::vector<CpuTimes> shown{times(0, 10, 100), times(1, 20, 200)};
  keep_rising(shown, {times(0, 10, 100), times(2, 1, 1)});
  REQUIRE(shown.size() == 2);
  CHECK(shown[1].cpu == 2);
}

TEST_CASE("cpu: lists of CPUs are read and odd ones are empty") {
  CHECK(parse_cpu_list("0,2-4\n") == std::vector<int>{0, 2, 3, 4});
  CHECK(parse_cpu_list("\n").empty());
  CHECK(parse_cpu_list("").empty());
  CHECK(parse_cpu_list("(null)\n").empty());
  CHECK(parse_cpu_list("0-999999999\n").empty());
  CHECK(parse_cpu_list("1-\n").empty());
}

TEST_CASE("cpu: the module names modes as node_exporter does") {
  const auto module = make_cpu_module(host_at(fixture_host()));
  REQUIRE(module);
  const auto families = module->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_cpu_seconds_total", {{"cpu", "0"}, {"mode", "user"}}));
  CHECK(value_of(*families, "node_cpu_seconds_total", {{"cpu", "1"}, {"mode", "steal"}}));
  CHECK(value_of(*families, "node_cpu_guest_seconds_total", {{"cpu", "0"}, {"mode", "nice"}}));
  CHECK(value_of(*families, "node_cpu_core_throttles_total", {{"core", "0"}, {"package", "0"}}) ==
        5);
  CHECK(value_of(*families, "node_cpu_package_throttles_total", {{"package", "0"}}) == 30);
}

TEST_CASE("cpu: a host without the file has no such module") {
  const TempTree empty;
  CHECK(make_cpu_module(host_at(empty.root)) == nullptr);
}
