// data_divert against real links, files and a child that writes through them: every line that the
// child wrote is there once after the diversion and its undo.
#include "remediator/actions/data_divert.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <nlohmann/json.hpp>

#include "common/process_runner.hpp"
#include "remediator/reach/link_switch.hpp"
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

// Writes numbered lines to LINK/log, and opens it anew on SIGHUP unless it is told to be deaf.
constexpr const char* kCollector = R"(
import signal, sys, time
def reopen(*_):
    global log
    log = open(sys.argv[1] + "/log", "ab", 0)
signal.signal(signal.SIGHUP, signal.SIG_IGN if "deaf" in sys.argv else reopen)
reopen()
n = 0
while True:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    log.write(b"%d\n" % n)
    n += 1
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
    time.sleep(0.005)
)";

constexpr const char* kReplay =
    "#!/bin/sh\ncat \"$FIELDMEDIC_SPARE\"/* >> \"$FIELDMEDIC_STORE/replayed\" && "
    "rm \"$FIELDMEDIC_SPARE\"/*\n";

struct Lab {
  TempTree tree{{{"own/.keep", ""}, {"spare/.here", ""}, {"collector.py", kCollector}}};
  std::string own = (tree.root / "own").string();
  std::string spare = (tree.root / "spare").string();
  std::string link = (tree.root / "spool").string();
  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;

  Lab() {
    fs::remove(tree.root / "spare/.here");
    fs::create_symlink(own, link);
    tree.write("replay", kReplay);
    fs::permissions(tree.root / "replay", fs::perms::owner_all);
  }

  OwnChild start(std::vector<std::string> more = {}) {
    std::vector<std::string> argv{"/usr/bin/python3", (tree.root / "collector.py").string(), link};
    argv.insert(argv.end(), more.begin(), more.end());
    return OwnChild(argv);
  }
  std::unique_ptr<Action> action() {
    CollectorSpec collector;
    collector.process.command_line = tree.root.filename().string() + "/collector";
    const nlohmann::json arguments{{"link", link},
                                   {"from", own},
                                   {"to", spare},
                                   {"signal", SIGHUP},
                                   {"replay", {(tree.root / "replay").string()}}};
    return make_data_divert(arguments.dump(), {runner, clock, inventory_of(collector), {}, systemd})
        .value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  Result<core::Plan> plan_undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, own_attempt(), made}, {});
  }
  ApplyAnswer apply(const core::Plan& plan, std::size_t step, std::stop_token stop = {}) {
    return action()->apply({own_attempt(), kOrders, plan, step, 60s}, std::move(stop));
  }
  ConfirmAnswer confirm(const core::Plan& plan, std::size_t step) {
    return action()->confirm({own_attempt(), kOrders, plan, step, 60s}, {});
  }
  void carry_out(const core::Plan& plan) {
    for (std::size_t step = 0; step < plan.steps.size(); ++step) {
      const ApplyAnswer done = apply(plan, step);
      INFO(plan.steps[step].name << ": " << done.evidence);
      REQUIRE(done.outcome == Applied::Done);
      REQUIRE(confirm(plan, step).answer == Confirmed::Applied);
    }
  }
  bool grows(const std::string& file) {
    const auto size = fs::exists(file) ? fs::file_size(file) : 0;
    return eventually([&] { return fs::exists(file) && fs::file_size(file) > size; });
  }
  // Whole lines only: the collector may be in the middle of its next one.
  std::vector<int> lines() {
    std::vector<int> numbers;
    for (const char* name : {"log", "replayed"}) {
      std::ifstream file(fs::path(own) / name);
      for (int number = 0; file >> number;) numbers.push_back(number);
    }
    std::ranges::sort(numbers);
    return numbers;
  }
};

}  // namespace

TEST_CASE("data_divert: to the spare store and back, every line once") {
  Lab lab;
  {
    const auto child = lab.start();
    REQUIRE(child.running);
    REQUIRE(lab.grows(lab.own + "/log"));
    const auto plan = lab.plan();
    INFO((plan ? std::string() : plan.error().message));
    REQUIRE(plan);
    CHECK(plan->summary.find("files of") != std::string::npos);
    REQUIRE(plan->lease);
    CHECK(plan->lease->resource == "host/lab/divert" + lab.link);
    CHECK(plan->lease->when_away == core::WhenAway::Nobody);
    CHECK(std::ranges::count(plan->resources, plan->lease->resource) == 1);
    REQUIRE(plan->steps.size() == 2);
    CHECK(lab.confirm(*plan, 0).answer == Confirmed::NotApplied);
    lab.carry_out(*plan);
    REQUIRE(lab.grows(lab.spare + "/log"));
    const auto behind = fs::file_size(lab.own + "/log");

    const auto undo = lab.plan_undo(*plan);
    INFO((undo ? std::string() : undo.error().message));
    REQUIRE(undo);
    REQUIRE(undo->steps.size() == 3);
    CHECK(fs::file_size(lab.own + "/log") == behind);  // nothing goes there any more
    lab.carry_out(*undo);
    CHECK(fs::is_empty(lab.spare));
    REQUIRE(lab.grows(lab.own + "/log"));
    const auto nothing = lab.plan_undo(*plan);
    REQUIRE(nothing);
    CHECK(nothing->steps.empty());
  }
  const std::vector<int> lines = lab.lines();
  REQUIRE(lines.size() >= 3);  // it grew before, over there and after
  for (std::size_t i = 0; i < lines.size(); ++i) CHECK(lines[i] == static_cast<int>(i));
}

TEST_CASE("data_divert: repeated after a crash it changes nothing, and goes on where it stood") {
  Lab lab;
  const auto child = lab.start();
  REQUIRE(lab.grows(lab.own + "/log"));
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(lab.apply(*plan, 0).outcome == Applied::Done);
  CHECK(lab.apply(*plan, 0).outcome == Applied::WorldDiffers);
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::Applied);
  const auto rest = lab.plan();
  REQUIRE(rest);
  CHECK(rest->steps.size() == 1);  // the signal
  lab.carry_out(*rest);
  const auto again = lab.plan();
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Errc::Conflict);
}

TEST_CASE("data_divert: a link that another changed is left alone") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  CHECK(plan->steps.size() == 1);  // nothing runs that would have to let go
  SECTION("between plan and apply") {
    fs::remove(lab.link);
    fs::create_symlink("/elsewhere", lab.link);
    CHECK(lab.apply(*plan, 0).outcome == Applied::WorldDiffers);
    CHECK(read_link(lab.link) == std::string("/elsewhere"));
    CHECK(lab.plan().error().code == Errc::Conflict);
  }
  SECTION("before the undo") {
    lab.carry_out(*plan);
    fs::remove(lab.link);
    fs::create_symlink("/elsewhere", lab.link);
    CHECK(lab.plan_undo(*plan).error().code == Errc::Conflict);
  }
  SECTION("by a folder") {
    fs::remove(lab.link);
    fs::create_directory(lab.link);
    CHECK(lab.apply(*plan, 0).outcome == Applied::WorldDiffers);
    CHECK(fs::is_directory(fs::symlink_status(lab.link)));
    CHECK(lab.plan().error().code == Errc::Conflict);
  }
  CHECK_FALSE(fs::exists(fs::symlink_status(lab.tree.root / ".spool.fieldmedic")));
}

TEST_CASE("data_divert: what a crash of ours left beside the link is cleared away") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  fs::create_symlink(lab.spare, lab.tree.root / ".spool.fieldmedic");
  lab.carry_out(*plan);
  CHECK_FALSE(fs::exists(fs::symlink_status(lab.tree.root / ".spool.fieldmedic")));
}

TEST_CASE("data_divert: a collector that does not let go is told, not taken for diverted") {
  Lab lab;
  const auto child = lab.start({"deaf"});
  REQUIRE(lab.grows(lab.own + "/log"));
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(lab.apply(*plan, 0).outcome == Applied::Done);
  const auto done = lab.action()->apply({own_attempt(), kOrders, *plan, 1, 2s}, {});
  CHECK(done.outcome == Applied::Unknown);
  CHECK(lab.confirm(*plan, 1).answer == Confirmed::NotApplied);
}

TEST_CASE("data_divert: a replay that leaves files behind is not done") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  lab.carry_out(*plan);
  lab.tree.write("spare/log", "7\n");
  lab.tree.write("replay", "#!/bin/sh\nexit 0\n");
  const auto undo = lab.plan_undo(*plan);
  REQUIRE(undo);
  REQUIRE(undo->steps.size() == 2);
  REQUIRE(lab.apply(*undo, 0).outcome == Applied::Done);
  CHECK(lab.apply(*undo, 1).outcome == Applied::Done);
  const auto confirmed = lab.confirm(*undo, 1);
  CHECK(confirmed.answer == Confirmed::NotApplied);
  CHECK(confirmed.evidence == "1 files of 2 bytes are left in " + lab.spare);
}

TEST_CASE("data_divert: a spare store without room is none") {
  Lab lab;
  if (mount("fieldmedic", lab.spare.c_str(), "tmpfs", 0, "size=64k") != 0) {
    std::cout << "SKIP: a small file system cannot be mounted here\n";
    return;
  }
  const auto plan_with = [&](std::size_t bytes) {
    lab.tree.write("spare/full", std::string(bytes, 'x'));
    return lab.action()->plan({kOrders, {}}, {});
  };
  const auto child = lab.start();
  const auto roomy = plan_with(1);
  const auto full = plan_with(64 * 1024);
  umount2(lab.spare.c_str(), MNT_DETACH);
  CHECK(roomy);
  REQUIRE_FALSE(full);
  CHECK(full.error().code == Errc::Conflict);
  CHECK(full.error().message.find(lab.spare + " has no room") == 0);
}

TEST_CASE("data_divert: no spare store, no change; cancelled, no change") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  std::stop_source stop;
  stop.request_stop();
  CHECK(lab.apply(*plan, 0, stop.get_token()).outcome == Applied::Refused);
  CHECK(read_link(lab.link) == lab.own);
  fs::remove(lab.spare);
  CHECK(lab.plan().error().code == Errc::NotFound);
}

}  // namespace fieldmedic
