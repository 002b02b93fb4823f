#include "exporter/host/mount_table.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic;

TEST_CASE("mount table: blanks in places are decoded and ro is an option of its own") {
  const auto mounts = parse_mounts(
      "/dev/sda1 / ext4 rw,errors=remount-ro 0 0\n"
      "nas:/x /with\\040space\\011tab\\134 nfs4 ro,vers=4.2 0 0\n");
  REQUIRE(mounts);
  REQUIRE(mounts->size() == 2);
  CHECK((*mounts)[0] == Mount{"/dev/sda1", "/", "ext4", false});
  CHECK((*mounts)[1] == Mount{"nas:/x", "/with space\ttab\\134", "nfs4", true});
}

TEST_CASE("mount table: a truncated or odd file is an error") {
  for (const auto* text : {"", "/dev/sda1 / ext4\n", "/dev/sda1 / ext4 rw 0 0", "\n", "x\n"}) {
    INFO(text);
    const auto mounts = parse_mounts(text);
    REQUIRE_FALSE(mounts);
    CHECK(mounts.error().code == Errc::Malformed);
  }
}
