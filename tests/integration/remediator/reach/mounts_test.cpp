// Mounts looked at by real programs, one of which answers nobody.
#include "remediator/reach/mounts.hpp"

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/hung_mount.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

TEST_CASE("mounts: one that hangs is told, and the others are looked at") {
  const TempTree tree{{{"plain/x", ""}, {"well/x", ""}}};
  const std::string hung = (tree.root / "hung").native();
  const std::string well = (tree.root / "well").native();
  const std::string plain = (tree.root / "plain").native();
  const HungMount mount{hung};
  if (!mount.mounted()) {
    std::cout << "SKIP: a hung mount needs root and /dev/fuse\n";
    return;
  }
  REQUIRE(::mount("well", well.c_str(), "tmpfs", 0, "size=64k") == 0);
  // Without a process 1, as for a user who may not look at it: our own mounts.
  std::filesystem::create_directory(tree.root / "proc");
  std::filesystem::create_symlink("/proc/self", tree.root / "proc/self");
  const std::string procfs = (tree.root / "proc").native();
  const std::vector<std::string> points{well, hung, plain, plain + "/absent"};
  LocalProcessRunner runner;

  const auto table = look_at_mounts(runner, procfs, points, MountLook::TableOnly, {});
  REQUIRE(table);
  CHECK(table->at(1).mounted.has_value());
  CHECK(table->at(1).answers == MountAnswers::NotAsked);

  // A busy machine may take its time even for one that is well.
  std::vector<MountState> states;
  REQUIRE(eventually(
      [&] {
        auto seen = look_at_mounts(runner, procfs, points, MountLook::AskEach, {});
        if (seen) states = *std::move(seen);
        return std::ranges::count(states, MountAnswers::Hangs, &MountState::answers) == 1;
      },
      std::chrono::seconds(60)));
  CHECK(states.at(0).answers == MountAnswers::Well);
  REQUIRE(states.at(0).mounted);
  CHECK(states.at(0).mounted->type == "tmpfs");
  CHECK(states.at(0).mounted->source == "well");
  CHECK(states.at(1).answers == MountAnswers::Hangs);
  REQUIRE(states.at(1).mounted);
  CHECK(states.at(1).mounted->type == "fuse");
  CHECK(states.at(2).answers == MountAnswers::Well);
  CHECK_FALSE(states.at(2).mounted);
  CHECK(states.at(3).answers == MountAnswers::Fails);
  CHECK(states.at(3).error == "No such file or directory");

  const auto answer_of = [&](const std::string& point) {
    const auto seen = look_at_mounts(runner, procfs, {point}, MountLook::AskEach, {});
    return seen ? seen->at(0).answers : MountAnswers::NotAsked;
  };

  // A look from before that hangs still: no second one is sent after it.
  {
    const ChildProgram before(
        {"/usr/bin/stat", "-f", "-c", "fieldmedic-look " + well + "//", "--", hung});
    const auto cmdline = "/proc/" + std::to_string(before.pid) + "/cmdline";
    REQUIRE(eventually([&] {
      std::string text;
      std::getline(std::ifstream(cmdline), text);
      return text.contains("fieldmedic-look");
    }));
    CHECK(eventually([&] { return answer_of(well) == MountAnswers::Hangs; }));
  }
  CHECK(
      eventually([&] { return answer_of(well) == MountAnswers::Well; }, std::chrono::seconds(60)));
  umount2(well.c_str(), MNT_DETACH);
}

}  // namespace fieldmedic
