#include "remediator/reach/mount_table.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

// Of a real machine, shortened, with a mount on top of another and one that hides a third.
constexpr const char* kTable =
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
    "23 22 0:21 / /proc rw,nosuid shared:5 - proc proc rw\n"
    "30 22 8:17 / /srv/share rw,noatime shared:9 master:2 - ext4 /dev/sdb1 rw,errors=continue\n"
    "31 22 8:18 / /srv/two\\040words ro,noatime - xfs /dev/sdc1 rw\n"
    "32 22 0:40 / /srv/back\\134slash rw - nfs4 10.0.0.1:/a\\040b ro,vers=4.2\n"
    "40 22 0:41 / /mnt rw - tmpfs first rw\n"
    "41 40 0:42 / /mnt rw - tmpfs second rw\n"
    "42 40 0:43 / /mnt/hidden rw - tmpfs hidden rw\n"
    "43 41 0:44 / /mnt/seen rw - tmpfs seen rw\n"
    "44 22 0:45 / /nameless rw - tmpfs  rw\n";

}  // namespace

TEST_CASE("mountinfo: what is mounted at a path is what a walk to it ends on") {
  const auto mounts = parse_mountinfo(kTable);
  REQUIRE(mounts);
  REQUIRE(mounts->size() == 10);
  struct Case {
    const char* point;
    const char* source;  // null: nothing is mounted there
    const char* type = "tmpfs";
    bool read_only = false;
    bool file_system_read_only = false;
  };
  const Case cases[] = {
      {"/", "/dev/sda1", "ext4"},
      {"/proc", "proc", "proc"},
      {"/srv/share", "/dev/sdb1", "ext4"},
      {"/srv/two words", "/dev/sdc1", "xfs", true},
      {"/srv/back\\slash", "10.0.0.1:/a b", "nfs4", false, true},
      {"/mnt", "second"},
      {"/mnt/seen", "seen"},
      {"/mnt/hidden", nullptr},
      {"/nameless", ""},
      {"/srv", nullptr},
      {"/srv/shar", nullptr},
      {"/srv/share/exports", nullptr},
  };
  for (const Case& c : cases) {
    INFO(c.point);
    const auto found = mount_at(*mounts, c.point);
    REQUIRE(found.has_value() == (c.source != nullptr));
    if (!found) continue;
    CHECK(found->source == c.source);
    CHECK(found->type == c.type);
    CHECK(found->read_only == c.read_only);
    CHECK(found->file_system_read_only == c.file_system_read_only);
  }
}

TEST_CASE("mountinfo: what is cut off or is no table is an error, not a table with less in it") {
  const char* const cases[] = {
      "",
      "22 1 8:1 / / rw - ext4 /dev/sda1 r",            // its end is not there
      "22 1 8:1 / / rw - ext4\n",                      // too few fields
      "22 1 8:1 / / rw shared:1 ext4 /dev/sda1 rw\n",  // no "-"
      "x 1 8:1 / / rw - ext4 /dev/sda1 rw\n",          // no number
      "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\n",       // an empty line
  };
  for (const char* text : cases) {
    INFO(text);
    const auto mounts = parse_mountinfo(text);
    REQUIRE_FALSE(mounts);
    CHECK(mounts.error().code == Errc::Malformed);
  }
}

TEST_CASE("mountinfo: a table that makes no sense is not followed for ever") {
  const auto round = parse_mountinfo(
      "1 0 8:1 / / rw - ext4 a rw\n2 1 8:1 / / rw - ext4 b rw\n1 2 8:1 / / rw - ext4 c rw\n");
  REQUIRE(round);
  CHECK(mount_at(*round, "/").has_value());
  CHECK_FALSE(mount_at(*parse_mountinfo("1 1 8:1 / /srv rw - ext4 a rw\n"), "/srv").has_value());
}

}  // namespace fieldmedic
