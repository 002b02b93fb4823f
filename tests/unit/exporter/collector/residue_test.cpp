#include "exporter/collector/residue.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

using Pids = std::vector<pid_t>;

Kin kin(pid_t pid, std::uint64_t start, pid_t parent, pid_t group, pid_t session) {
  return {{pid, start}, parent, group, session};
}

pid_t no_parent(pid_t) {
  return 0;
}

TEST_CASE("residue: beside a pid file's process are those that do not belong to it") {
  const Kin main = kin(100, 50, 90, 100, 100);
  struct Case {
    const char* name;
    Kin other;
    bool want;
  };
  const Case cases[] = {
      {"another instance", kin(7, 10, 1, 7, 7), true},
      {"a second one, started later", kin(200, 99, 1, 200, 200), true},
      {"its child", kin(101, 51, 100, 101, 101), false},
      {"its grandchild through another program", kin(102, 52, 101, 102, 102), false},
      {"in its session", kin(103, 53, 1, 103, 100), false},
      {"in its group", kin(104, 53, 1, 100, 5), false},
      {"its wrapper", kin(90, 40, 1, 90, 90), false},
      {"its wrapper's parent", kin(80, 40, 1, 80, 80), false},
  };
  const auto parent_of = [](pid_t pid) { return pid == 101 ? 100 : pid == 90 ? 80 : 0; };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(beside(main, std::array{c.other}, parent_of) ==
          (c.want ? Pids{c.other.identity.pid} : Pids{}));
  }
}

TEST_CASE("residue: without a living main process all are beside") {
  CHECK(beside(Kin{}, std::array{kin(7, 10, 1, 7, 7), kin(8, 10, 7, 7, 7)}, no_parent) ==
        Pids{7, 8});
}

TEST_CASE("residue: a chain of parents that never ends is cut") {
  const auto circle = [](pid_t pid) { return pid == 5 ? 6 : 5; };
  CHECK(beside(kin(100, 1, 1, 100, 100), std::array{kin(7, 1, 5, 7, 7)}, circle) == Pids{7});
}

TEST_CASE("residue: left behind is an orphan that is older than the main process") {
  const Kin main = kin(200, 500, 1, 200, 200);
  struct Case {
    const char* name;
    std::vector<Kin> members;
    Pids listed;
    Pids want;
  };
  const Case cases[] = {
      {"a worker whose leader is gone", {kin(101, 100, 1, 100, 100), main}, {1, 101, 200}, {101}},
      {"a worker whose leader lives", {kin(101, 100, 1, 100, 100), main}, {1, 100, 101, 200}, {}},
      {"an instance side by side", {kin(100, 100, 1, 100, 100), main}, {1, 100, 200}, {}},
      {"a worker alone, nothing newer", {kin(101, 100, 1, 100, 100)}, {1, 101}, {}},
      {"the main process's own child", {main, kin(201, 501, 200, 200, 200)}, {1, 200, 201}, {}},
      {"a younger daemon of the main process",
       {main, kin(300, 600, 1, 299, 299)},
       {1, 200, 300},
       {}},
      {"two daemons without a leader",
       {kin(101, 100, 1, 100, 100), kin(301, 600, 1, 300, 300)},
       {1, 101, 301},
       {}},
      {"a leader that is not seen from here", {kin(101, 100, 1, 0, 0), main}, {1, 101, 200}, {}},
      {"several",
       {kin(101, 1, 1, 99, 99), kin(102, 2, 101, 99, 99), main},
       {1, 101, 102, 200},
       {101, 102}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(left_behind(c.members, c.listed, no_parent) == c.want);
  }
}

TEST_CASE("residue: the wrapper of the main process is not left behind") {
  const std::array members{kin(101, 100, 1, 100, 100), kin(200, 500, 150, 200, 200)};
  const auto parent_of = [](pid_t pid) { return pid == 150 ? 101 : 0; };
  CHECK(left_behind(members, std::array<pid_t, 3>{1, 101, 200}, parent_of).empty());
}

}  // namespace
}  // namespace fieldmedic
