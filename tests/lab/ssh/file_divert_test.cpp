// data_divert by a file on a host over SSH, against a real sshd: the host over there is this
// machine.
#include "remediator/actions/file_divert.hpp"

#include <iostream>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/far_files.hpp"
#include "tests/fakes/own_attempt.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
namespace fs = std::filesystem;
using Argv = std::vector<std::string>;

struct Lab {
  SshHost host{SshHost::Home::Own};
  TempTree tree{{{"etc/route", "topic=orders\n"}, {"spare", "topic=spare\n"}}};
  std::string file = (tree.root / "etc/route").string();
  std::string used = (tree.root / "used").string();
  std::string marks = (tree.root / "marks").string();
  Argv check{"/bin/grep", "-q", "topic=", file};
  FakeRunner here;
  FakeSystemd systemd;
  SystemClock clock;
  std::shared_ptr<BadLine> line =
      std::make_shared<BadLine>(std::make_shared<SshConnection>(host.access, clock));
  int attempts = 0;

  Lab() {
    REQUIRE(host.up);
    fs::permissions(file, fs::perms(0640));
    if (geteuid() == 0) REQUIRE(chown(file.c_str(), 12'345, 12'346) == 0);
  }
  ~Lab() { CHECK(here.calls().empty()); }

  std::unique_ptr<Action> action(
      std::shared_ptr<const Inventory> inventory = far_inventory_of({})) {
    ActionTools tools{here, clock, std::move(inventory), {"/nowhere", "/sys", "/"}, systemd};
    tools.far = far_hosts_of(line);
    const nlohmann::json arguments{{"file", file},
                                   {"to", (tree.root / "spare").string()},
                                   {"signal", 0},
                                   {"check", check},
                                   {"reload", Argv{"/bin/cp", file, used}},
                                   {"confirm", Argv{"/usr/bin/cmp", "-s", file, used}},
                                   {"backlog", Argv{"/bin/echo", "12 records"}},
                                   {"replay", Argv{"/bin/sh", "-c", "echo once >>" + marks}}};
    return make_file_divert(arguments.dump(), tools).value();
  }
  Result<core::Plan> plan(const std::vector<core::Plan>& made = {}) {
    return action()->plan({kOrders, {}, made}, {});
  }
  Result<core::Plan> plan_undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, "made-1-1", made}, {});
  }
  // The request of an attempt of its own.
  ApplyRequest request(const core::Plan& plan, std::size_t step) {
    return {own_attempt(++attempts), kOrders, plan, step, std::chrono::seconds(120)};
  }
  Applied apply(const core::Plan& plan, std::size_t step) {
    const auto answer = action()->apply(request(plan, step), {});
    UNSCOPED_INFO(answer.evidence);
    return answer.outcome;
  }
  void carry_out(const core::Plan& plan) {
    for (std::size_t step = 0; step < plan.steps.size(); ++step)
      REQUIRE(apply(plan, step) == Applied::Done);
  }
};

bool may_run() {
  const std::string why = SshHost::why_not();
  if (!why.empty()) std::cout << "SKIP: " << why << '\n';
  return why.empty();
}

}  // namespace

TEST_CASE("file_divert over SSH: to the spare topic and back, as it was") {
  if (!may_run()) return;
  Lab lab;
  struct stat before{};
  REQUIRE(stat(lab.file.c_str(), &before) == 0);
  const auto plan = lab.plan();
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  CHECK(plan->summary.ends_with("it leaves behind '12 records'"));
  CHECK(plan->resources == Argv{"host/lab/path" + lab.file, "host/lab/process/orders"});
  REQUIRE(plan->lease);
  CHECK(plan->lease->resource == plan->resources.front());
  REQUIRE(plan->steps.size() == 2);
  lab.carry_out(*plan);
  CHECK(content_of(lab.file) == "topic=spare\n");
  CHECK(content_of(lab.used) == "topic=spare\n");
  CHECK(lab.plan().error().code == Errc::Conflict);

  const auto undo = lab.plan_undo(*plan);
  REQUIRE(undo);
  REQUIRE(undo->steps.size() == 3);
  lab.carry_out(*undo);
  CHECK(content_of(lab.file) == "topic=orders\n");
  CHECK(content_of(lab.used) == "topic=orders\n");
  CHECK(content_of(lab.marks) == "once\n");
  struct stat after{};
  REQUIRE(stat(lab.file.c_str(), &after) == 0);
  CHECK(after.st_mode == before.st_mode);
  CHECK(after.st_uid == before.st_uid);
  CHECK(after.st_gid == before.st_gid);
}

TEST_CASE("file_divert over SSH: what does not pass the check is put back at once") {
  if (!may_run()) return;
  Lab lab;
  lab.check = {"/bin/grep", "-q", "topic=orders", lab.file};
  const auto plan = lab.plan();
  REQUIRE(plan);
  struct stat before{};
  REQUIRE(stat(lab.file.c_str(), &before) == 0);
  CHECK(lab.apply(*plan, 0) == Applied::Refused);
  CHECK(content_of(lab.file) == "topic=orders\n");
  struct stat after{};
  REQUIRE(stat(lab.file.c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);
  CHECK(names_in(lab.tree.root / "etc").size() == 3);  // it, what was kept and what was refused
  CHECK(lab.action()->confirm(lab.request(*plan, 0), {}).answer == Confirmed::NotApplied);
}

TEST_CASE(
    "file_divert over SSH: planned again after a crash it goes on, and knows what was there") {
  if (!may_run()) return;
  Lab lab;
  const auto first = lab.plan();
  REQUIRE(first);
  const ApplyRequest request = lab.request(*first, 0);
  lab.line->loses = true;
  CHECK(lab.action()->apply(request, {}).outcome == Applied::Unknown);
  lab.line->loses = false;
  CHECK(lab.action()->confirm(request, {}).answer == Confirmed::Applied);
  const auto again = lab.plan({*first});
  INFO((again ? std::string() : again.error().message));
  REQUIRE(again);
  lab.carry_out(*again);
  const ApplyRequest reload = lab.request(*again, 1);
  CHECK(lab.action()->confirm(reload, {}).answer == Confirmed::Applied);
  fs::remove(lab.used);
  lab.tree.write("used", "another\n");
  CHECK(lab.action()->confirm(reload, {}).answer == Confirmed::NotApplied);
  const auto undo = lab.plan_undo(*again);
  REQUIRE(undo);
  lab.carry_out(*undo);
  CHECK(content_of(lab.file) == "topic=orders\n");
  // Where it came back, a crash may have come before it was replayed; which nobody repeats.
  const auto rest = lab.plan_undo(*again);
  REQUIRE(rest);
  CHECK(rest->steps.size() == undo->steps.size() - 1);
  CHECK(rest->steps.back().confirmable == core::Confirmable::AtMostOnce);
  CHECK(lab.action()->confirm(lab.request(*rest, 1), {}).answer == Confirmed::Unknown);
}

TEST_CASE("file_divert over SSH: what another changed, or another host, is a person's") {
  if (!may_run()) return;
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(lab.apply(*plan, 0) == Applied::Done);
  SECTION("the file after") {
    std::ofstream(lab.file) << "topic=theirs\n";
    CHECK(lab.plan_undo(*plan).error().code == Errc::Conflict);
  }
  SECTION("the host is reached in another way by now") {
    const auto undo = lab.action(inventory_of({}))->plan_undo({kOrders, {}, "made-1-1", *plan}, {});
    REQUIRE_FALSE(undo);
    CHECK(undo.error().code == Errc::Conflict);
  }
}

}  // namespace fieldmedic
