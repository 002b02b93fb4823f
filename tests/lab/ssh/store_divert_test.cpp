// data_divert by a link on a host over SSH, against a real sshd: the host over there is this
// machine. Every line that a child wrote through the link is there once after the diversion and its
// undo.
#include "remediator/actions/store_divert.hpp"

#include <iostream>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/far_files.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/own_child.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
namespace fs = std::filesystem;

// Writes numbered lines to LINK/log, and opens it anew on SIGHUP.
constexpr const char* kCollector = R"(
import signal, sys, time
def reopen(*_):
    global log
    log = open(sys.argv[1] + "/log", "ab", 0)
signal.signal(signal.SIGHUP, reopen)
reopen()
n = 0
while True:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    log.write(b"%d\n" % n)
    n += 1
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
    time.sleep(0.02)
)";

constexpr const char* kReplay =
    "#!/bin/sh\ncat \"$FIELDMEDIC_SPARE\"/* >> \"$FIELDMEDIC_STORE/replayed\" && "
    "rm \"$FIELDMEDIC_SPARE\"/*\n";

struct Lab {
  SshHost host{SshHost::Home::Own};
  TempTree tree{{{"own's/.keep", ""}, {"spare/.here", ""}, {"collector.py", kCollector}}};
  std::string own = (tree.root / "own's").string();
  std::string spare = (tree.root / "spare").string();
  std::string link = (tree.root / "spool").string();
  FakeRunner here;
  FakeSystemd systemd;
  SystemClock clock;
  std::shared_ptr<BadLine> line =
      std::make_shared<BadLine>(std::make_shared<SshConnection>(host.access, clock));
  int attempts = 0;

  Lab() {
    REQUIRE(host.up);
    fs::remove(tree.root / "spare/.here");
    fs::create_symlink(own, link);
    tree.write("replay", kReplay);
    fs::permissions(tree.root / "replay", fs::perms::owner_all);
  }
  ~Lab() { CHECK(here.calls().empty()); }

  std::unique_ptr<Action> action() {
    CollectorSpec collector;
    collector.process.command_line = tree.root.filename().string() + "/collector";
    ActionTools tools{here, clock, far_inventory_of(collector), {"/nowhere", "/sys", "/"}, systemd};
    tools.far = far_hosts_of(line);
    const nlohmann::json arguments{{"link", link},
                                   {"from", own},
                                   {"to", spare},
                                   {"signal", SIGHUP},
                                   {"replay", {(tree.root / "replay").string()}}};
    return make_store_divert(arguments.dump(), tools).value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  Result<core::Plan> plan_undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, "made-1-1", made}, {});
  }
  // The request of an attempt of its own.
  ApplyRequest request(const core::Plan& plan, std::size_t step) {
    return {own_attempt(++attempts), kOrders, plan, step, std::chrono::seconds(120)};
  }
  void carry_out(const core::Plan& plan) {
    for (std::size_t step = 0; step < plan.steps.size(); ++step) {
      const ApplyRequest wanted = request(plan, step);
      const ApplyAnswer done = action()->apply(wanted, {});
      INFO(plan.steps[step].name << ": " << done.evidence);
      REQUIRE(done.outcome == Applied::Done);
      const ConfirmAnswer confirmed = action()->confirm(wanted, {});
      INFO(confirmed.evidence);
      REQUIRE(confirmed.answer == Confirmed::Applied);
    }
  }
  bool grows(const std::string& file) {
    const auto size = fs::exists(file) ? fs::file_size(file) : 0;
    return eventually([&] { return fs::exists(file) && fs::file_size(file) > size; });
  }
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

bool may_run() {
  const std::string why = SshHost::why_not();
  if (!why.empty()) std::cout << "SKIP: " << why << '\n';
  return why.empty();
}

}  // namespace

TEST_CASE("store_divert over SSH: to the spare store and back, every line once") {
  if (!may_run()) return;
  Lab lab;
  {
    const OwnChild child({"/usr/bin/python3", (lab.tree.root / "collector.py").string(), lab.link});
    REQUIRE(child.running);
    REQUIRE(lab.grows(lab.own + "/log"));
    const auto plan = lab.plan();
    INFO((plan ? std::string() : plan.error().message));
    REQUIRE(plan);
    CHECK(plan->summary.contains("2 files of"));
    REQUIRE(plan->steps.size() == 2);
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
    CHECK(fs::read_symlink(lab.link) == lab.own);
    REQUIRE(lab.grows(lab.own + "/log"));
    const auto nothing = lab.plan_undo(*plan);
    REQUIRE(nothing);
    CHECK(nothing->steps.empty());
  }
  const std::vector<int> lines = lab.lines();
  REQUIRE(lines.size() >= 3);  // it grew before, over there and after
  for (std::size_t i = 0; i < lines.size(); ++i) CHECK(lines[i] == static_cast<int>(i));
}

TEST_CASE("store_divert over SSH: a lost answer is settled by looking, and nothing done twice") {
  if (!may_run()) return;
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 1);  // nothing runs that would have to let go
  const ApplyRequest request = lab.request(*plan, 0);
  SECTION("it was done") {
    lab.line->loses = true;
    CHECK(lab.action()->apply(request, {}).outcome == Applied::Unknown);
    lab.line->loses = false;
    CHECK(lab.action()->confirm(request, {}).answer == Confirmed::Applied);
    CHECK(lab.action()->apply(lab.request(*plan, 0), {}).outcome == Applied::WorldDiffers);
    CHECK(fs::read_symlink(lab.link) == lab.spare);
    CHECK(lab.plan().error().code == Errc::Conflict);
  }
  SECTION("it was never begun, and will not be") {
    CHECK(lab.action()->confirm(request, {}).answer == Confirmed::NotApplied);
    CHECK(lab.action()->apply(request, {}).outcome != Applied::Done);
    CHECK(fs::read_symlink(lab.link) == lab.own);
  }
}

TEST_CASE("store_divert over SSH: a link that another changed is left alone") {
  if (!may_run()) return;
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  Applied expected = Applied::WorldDiffers;
  SECTION("elsewhere") {
    lab.line->before = [&] {
      fs::remove(lab.link);
      fs::create_symlink("/elsewhere", lab.link);
    };
  }
  SECTION("by a folder") {
    lab.line->before = [&] {
      fs::remove(lab.link);
      fs::create_directory(lab.link);
    };
  }
  SECTION("it is gone") {
    lab.line->before = [&] { fs::remove(lab.link); };
  }
  SECTION("a file stands where ours would") {
    expected = Applied::Refused;
    lab.line->before = [&] { lab.tree.write(".spool.fieldmedic", "theirs"); };
  }
  const ApplyRequest request = lab.request(*plan, 0);
  const auto answer = lab.action()->apply(request, {});
  INFO(answer.evidence);
  CHECK(answer.outcome == expected);
  CHECK(lab.action()->confirm(request, {}).answer == Confirmed::NotApplied);
  CHECK(fs::exists(fs::symlink_status(lab.tree.root / ".spool.fieldmedic")) ==
        (expected == Applied::Refused));
}

TEST_CASE("store_divert over SSH: nothing is planned to a full store, through a link, or to none") {
  if (!may_run()) return;
  Lab lab;
  Errc expected = Errc::Conflict;
  std::unique_ptr<SmallDisk> disk;
  SECTION("full") {
    disk = std::make_unique<SmallDisk>(lab.spare, "size=64k");
    if (!disk->mounted) {
      std::cout << "SKIP: nothing can be mounted here\n";
      return;
    }
    REQUIRE(lab.plan());
    lab.tree.write("spare/full", std::string(64uz * 1024, 'x'));
  }
  SECTION("behind a link") {
    fs::rename(lab.spare, lab.tree.root / "real");
    fs::create_symlink("real", lab.spare);
  }
  SECTION("no link to switch") {
    fs::remove(lab.link);
    fs::create_directory(lab.link);
  }
  SECTION("no spare store") {
    expected = Errc::NotFound;
    fs::remove(lab.spare);
  }
  const auto plan = lab.plan();
  REQUIRE_FALSE(plan);
  INFO(plan.error().message);
  CHECK(plan.error().code == expected);
}

TEST_CASE("store_divert over SSH: a replay that leaves files behind is not done") {
  if (!may_run()) return;
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  lab.carry_out(*plan);
  lab.tree.write("spare/log", "7\n");
  lab.tree.write("replay", "#!/bin/sh\nexit 0\n");
  const auto undo = lab.plan_undo(*plan);
  REQUIRE(undo);
  REQUIRE(undo->steps.size() == 2);
  const ApplyRequest request = lab.request(*undo, 1);
  CHECK(lab.action()->apply(request, {}).outcome == Applied::Done);
  CHECK(lab.action()->confirm(request, {}).answer == Confirmed::NotApplied);
}

}  // namespace fieldmedic
