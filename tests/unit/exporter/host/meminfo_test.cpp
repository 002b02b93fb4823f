#include "exporter/host/meminfo.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

TEST_CASE("meminfo: kilobytes become bytes and plain numbers stay") {
  const auto fields =
      parse_meminfo("MemTotal:       24684084 kB\nActive(anon):  4 kB\nHugePages_Total:       3\n");
  REQUIRE(fields);
  REQUIRE(fields->size() == 3);
  CHECK((*fields)[0].value == 24684084.0 * 1024);
  CHECK(memory_metric((*fields)[1]) == "Active_anon_bytes");
  CHECK(memory_metric((*fields)[2]) == "HugePages_Total");
  CHECK((*fields)[2].value == 3);
}

TEST_CASE("meminfo: a truncated or odd file is an error and not a zero") {
  for (const auto* text :
       {"", "MemTotal: 1 kB\nMemFree:", "MemTotal:\n", "MemTotal 1 kB\n", "MemTotal: -1 kB\n",
        "MemTotal: 1 MB\n", ": 1 kB\n", "\n", "MemTotal: 99999999999999999999 kB\n"}) {
    INFO(text);
    const auto fields = parse_meminfo(text);
    REQUIRE_FALSE(fields);
    CHECK(fields.error().code == Errc::Malformed);
  }
}

TEST_CASE("meminfo: fields that appear between two scrapes get their own names") {
  const TempTree host{{{"proc/meminfo", "MemTotal: 1 kB\nMemFree: 2 kB\n"}}};
  const auto module = make_meminfo_module(host_at(host.root));
  REQUIRE(module);
  REQUIRE(module->collect({}));
  host.write("proc/meminfo", "MemTotal: 1 kB\nNew: 7 kB\nMemFree: 2 kB\n");
  const auto families = module->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_memory_New_bytes") == 7 * 1024);
  CHECK(value_of(*families, "node_memory_MemFree_bytes") == 2 * 1024);
  CHECK(find_family(*families, "node_memory_New_bytes")->help ==
        "Memory information field New_bytes.");
}

TEST_CASE("meminfo: a file that breaks fails the module and heals with it") {
  const TempTree host{{{"proc/meminfo", "MemTotal: 1 kB\n"}}};
  const auto module = make_meminfo_module(host_at(host.root));
  host.write("proc/meminfo", "garbage");
  CHECK_FALSE(module->collect({}));
  host.write("proc/meminfo", "MemTotal: 1 kB\n");
  CHECK(module->collect({}));
}
