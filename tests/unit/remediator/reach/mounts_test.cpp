#include "remediator/reach/mounts.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/killed_in_time.hpp"

namespace fieldmedic {

namespace {

const std::vector<std::string> kPoints{"/srv/a", "/srv/b"};
constexpr const char* kTable =
    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "30 22 8:17 / /srv/a rw - ext4 /dev/sdb1 rw\n"
    "31 22 0:40 / /srv/b rw - autofs auto rw\n";

ProcessResult said(std::string out, std::string err = {}) {
  ProcessResult result;
  result.out = std::move(out);
  result.err = std::move(err);
  return result;
}

}  // namespace

TEST_CASE("mounts: what the looks and the table say is put together") {
  struct Case {
    const char* looks;
    MountAnswers a;
    MountAnswers b;
    const char* error_of_b = "";
  };
  const Case cases[] = {
      {"", MountAnswers::NotAsked, MountAnswers::NotAsked},
      {"look 1 well\nlook 0 hangs\n", MountAnswers::Hangs, MountAnswers::Well},
      {"look 0 well\nlook 1 fails stat: cannot read '/x: y': Stale file handle\n",
       MountAnswers::Well, MountAnswers::Fails, "Stale file handle"},
      {"look 0 well\nlook 1 fails stat: cannot read '/b': Permission denied\n", MountAnswers::Well,
       MountAnswers::Denied, "Permission denied"},
      // Of the host over there, not of the mount.
      {"look 0 well\nlook 1 fails sh: 14: timeout: not found\n", MountAnswers::Well,
       MountAnswers::Denied, "sh: 14: timeout: not found"},
      {"look 0 well\nlook 1 fails stat: invalid option -- 'f'\n", MountAnswers::Well,
       MountAnswers::Denied, "stat: invalid option -- 'f'"},
      {"look 0 well\nlook 1 fails\n", MountAnswers::Well, MountAnswers::Denied},
      {"noise\nlook 2 well\nlook x well\nlook 0 swell\nlook 1 well\n", MountAnswers::NotAsked,
       MountAnswers::Well},
  };
  for (const Case& c : cases) {
    INFO(c.looks);
    const auto states =
        parse_mount_looks(kPoints, std::string(c.looks) + "table\n" + kTable + "end\n");
    REQUIRE(states);
    REQUIRE(states->size() == 2);
    CHECK(states->at(0).answers == c.a);
    CHECK(states->at(1).answers == c.b);
    CHECK(states->at(1).error == c.error_of_b);
    CHECK(states->at(0).mounted.has_value());
    CHECK_FALSE(states->at(1).mounted.has_value());  // autofs waits for somebody to come
  }
}

TEST_CASE("mounts: an answer that is not all there says nothing") {
  const std::string table = std::string("table\n") + kTable;
  for (const std::string& text :
       {std::string(), std::string("look 0 well\n"), std::string("table\nend\n"), table,
        table.substr(0, table.size() - 1) + "end\n"}) {
    INFO(text);
    const auto states = parse_mount_looks(kPoints, text);
    REQUIRE_FALSE(states);
    CHECK(states.error().code == Errc::Io);
  }
}

TEST_CASE("mounts: the table alone is read without a look") {
  FakeRunner runner;
  runner.answer(said(std::string("table\n") + kTable + "end\n"));
  runner.answer(said("", "sh: cat: not found"));
  REQUIRE(look_at_mounts(runner, "/proc", kPoints, MountLook::TableOnly, {}));
  const auto failed = look_at_mounts(runner, "/proc", kPoints, MountLook::AskEach, {});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message.contains("sh: cat: not found"));
  REQUIRE(runner.calls().size() == 2);
  const auto limit = [&](std::size_t call) { return runner.calls()[call].argv.at(5); };
  CHECK(limit(0) == "0");
  CHECK(limit(1) == std::to_string(kMountAnswer.count()));
  CHECK(runner.calls()[1].timeout > kMountAnswer);
}

TEST_CASE("mounts: a look over SSH that hangs is ended over there") {
  FakeRunner runner;
  runner.answer(said(std::string("table\n") + kTable + "end\n"));
  REQUIRE(look_at_far_mounts(runner, kPoints, MountLook::AskEach, {}));
  REQUIRE(runner.calls().size() == 1);
  CHECK(is_killed_in_time(runner.calls().front()));
}

}  // namespace fieldmedic
