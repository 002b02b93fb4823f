// data_divert by a file that a real child reads anew on SIGHUP.
#include "remediator/actions/file_divert.hpp"

#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "common/process_runner.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/own_child.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

// Writes down where it would send, now and on every SIGHUP.
constexpr const char* kCollector = R"(
import os, signal, sys
def read(*_):
    with open(sys.argv[1]) as route, open(sys.argv[1] + ".new", "w") as used:
        used.write(route.read())
    os.rename(sys.argv[1] + ".new", sys.argv[1] + ".used")
signal.signal(signal.SIGHUP, read)
read()
while True:
    signal.pause()
)";

struct Lab {
  TempTree tree{{{"route", "topic=orders\n"}, {"spare", "topic=spare\n"}, {"c.py", kCollector}}};
  std::string file = (tree.root / "route").string();
  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;

  Lab() { fs::permissions(file, fs::perms::owner_read | fs::perms::group_read); }

  std::unique_ptr<Action> action() {
    CollectorSpec collector;
    collector.process.command_line = tree.root.filename().string() + "/c";
    const std::vector<std::string> none;
    const nlohmann::json arguments{
        {"file", file},
        {"to", (tree.root / "spare").string()},
        {"signal", SIGHUP},
        {"check", none},
        {"reload", none},
        {"confirm", none},
        {"backlog", {"/bin/echo", "12 records"}},
        {"replay", {"/usr/bin/touch", (tree.root / "replayed").string()}}};
    return make_file_divert(arguments.dump(), {runner, clock, inventory_of(collector), {}, systemd})
        .value();
  }
  Result<core::Plan> plan(const std::vector<core::Plan>& made = {}) {
    return action()->plan({kOrders, {}, made}, {});
  }
  Result<core::Plan> plan_undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, own_attempt(), made}, {});
  }
  Applied apply(const core::Plan& plan, std::size_t step) {
    const auto answer = action()->apply({own_attempt(), kOrders, plan, step, 60s}, {});
    UNSCOPED_INFO(answer.evidence);
    return answer.outcome;
  }
  void carry_out(const core::Plan& plan) {
    for (std::size_t step = 0; step < plan.steps.size(); ++step)
      REQUIRE(apply(plan, step) == Applied::Done);
  }
  std::string content(const std::string& name) const {
    std::ifstream in(tree.root / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

}  // namespace

TEST_CASE("file_divert: to the spare topic and back, as it was") {
  Lab lab;
  const OwnChild child({"/usr/bin/python3", (lab.tree.root / "c.py").string(), lab.file});
  REQUIRE(eventually([&] { return lab.content("route.used") == "topic=orders\n"; }));
  struct stat before{};
  REQUIRE(stat(lab.file.c_str(), &before) == 0);
  const auto plan = lab.plan();
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  CHECK(plan->summary.ends_with("it leaves behind '12 records'"));
  REQUIRE(plan->steps.size() == 2);
  lab.carry_out(*plan);
  CHECK(eventually([&] { return lab.content("route.used") == "topic=spare\n"; }));
  CHECK(lab.plan().error().code == Errc::Conflict);

  const auto undo = lab.plan_undo(*plan);
  REQUIRE(undo);
  REQUIRE(undo->steps.size() == 3);
  lab.carry_out(*undo);
  CHECK(lab.content("route") == "topic=orders\n");
  struct stat after{};
  REQUIRE(stat(lab.file.c_str(), &after) == 0);
  CHECK(after.st_mode == before.st_mode);
  CHECK(eventually([&] { return lab.content("route.used") == "topic=orders\n"; }));
  CHECK(fs::exists(lab.tree.root / "replayed"));
}

TEST_CASE("file_divert: what another changed is a person's") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  fs::permissions(lab.file, fs::perms::owner_all);
  SECTION("the file before") {
    lab.tree.write("route", "topic=theirs\n");
    CHECK(lab.apply(*plan, 0) == Applied::WorldDiffers);
    CHECK(lab.content("route") == "topic=theirs\n");
  }
  SECTION("the spare version before") {
    lab.tree.write("spare", "topic=elsewhere\n");
    CHECK(lab.apply(*plan, 0) == Applied::WorldDiffers);
    CHECK(lab.content("route") == "topic=orders\n");
  }
  SECTION("the file after") {
    REQUIRE(lab.apply(*plan, 0) == Applied::Done);
    lab.tree.write("route", "topic=theirs\n");
    CHECK(lab.plan_undo(*plan).error().code == Errc::Conflict);
    CHECK(lab.content("route") == "topic=theirs\n");
  }
}

TEST_CASE("file_divert: planned again after a crash it goes on, and knows what was there") {
  Lab lab;
  const auto first = lab.plan();
  REQUIRE(first);
  REQUIRE(lab.apply(*first, 0) == Applied::Done);
  const auto again = lab.plan({*first});
  INFO((again ? std::string() : again.error().message));
  REQUIRE(again);
  lab.carry_out(*again);
  const auto undo = lab.plan_undo(*again);
  REQUIRE(undo);
  lab.carry_out(*undo);
  CHECK(lab.content("route") == "topic=orders\n");
  // Where it came back, a crash may have come before it was replayed.
  const auto rest = lab.plan_undo(*again);
  REQUIRE(rest);
  CHECK(rest->steps.size() == undo->steps.size() - 1);
}

TEST_CASE("file_divert: what is not there is no remedy") {
  Lab lab;
  const char* name = GENERATE("route", "spare");
  fs::remove(lab.tree.root / name);
  CHECK(lab.plan().error().code == Errc::NotFound);
}

}  // namespace fieldmedic
