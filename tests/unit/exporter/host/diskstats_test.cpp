#include "exporter/host/diskstats.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

TEST_CASE("diskstats: kernels with 11 15 and 17 fields are read") {
  const auto disks = parse_diskstats(
      "   8  0 sda 1 2 3 4 5 6 7 8 9 10 11\n"
      "   8 16 sdb 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n"
      " 259  0 nvme0n1 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19\n");
  REQUIRE(disks);
  REQUIRE(disks->size() == 3);
  CHECK((*disks)[0].fields == 11);
  CHECK((*disks)[1].fields == 15);
  CHECK((*disks)[2].fields == 17);
  CHECK((*disks)[2].values[16] == 17);
  CHECK((*disks)[2].major == "259");
}

TEST_CASE("diskstats: a truncated or odd file is an error and not a zero") {
  for (const auto* text : {"8 0 sda 1 2 3 4 5 6 7 8 9 10\n", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11",
                           "8 0 sda 1 2 3 4 5 6 7 8 9 10 x\n", "8 0\n", "\n"}) {
    INFO(text);
    const auto disks = parse_diskstats(text);
    REQUIRE_FALSE(disks);
    CHECK(disks.error().code == Errc::Malformed);
  }
}

TEST_CASE("diskstats: a machine without disks has no samples and no failure") {
  const TempTree host{{{"proc/diskstats", ""}}};
  const auto families = make_diskstats_module(host_at(host.root), {})->collect({});
  REQUIRE(families);
  CHECK(families->empty());
}

TEST_CASE("diskstats: the defaults leave out partitions and loop devices") {
  const auto families = make_diskstats_module(host_at(fixture_host()), {})->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_disk_reads_completed_total", {{"device", "sda"}}));
  CHECK_FALSE(value_of(*families, "node_disk_reads_completed_total", {{"device", "sda1"}}));
  CHECK_FALSE(value_of(*families, "node_disk_reads_completed_total", {{"device", "loop0"}}));
}

TEST_CASE("diskstats: a pattern of ones own replaces the default") {
  const auto module = make_diskstats_module(host_at(fixture_host()),
                                            {.devices = {.exclude = "^sd", .include = ""}});
  const auto families = module->collect({});
  REQUIRE(families);
  CHECK_FALSE(value_of(*families, "node_disk_reads_completed_total", {{"device", "sda"}}));
  CHECK(value_of(*families, "node_disk_reads_completed_total", {{"device", "loop0"}}));
}

TEST_CASE("diskstats: a field that a kernel does not have is absent") {
  const TempTree host{{{"proc/diskstats", "8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n"}}};
  const auto families = make_diskstats_module(host_at(host.root), {})->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_disk_read_bytes_total", {{"device", "sda"}}) == 3 * 512);
  CHECK(find_family(*families, "node_disk_flush_requests_total") == nullptr);
}
