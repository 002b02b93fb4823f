// process_restart on a host over SSH, against a real sshd: the host over there is this machine.
#include "remediator/actions/process_restart.hpp"

#include <signal.h>

#include <filesystem>
#include <iostream>

#include <nlohmann/json.hpp>

#include "remediator/reach/far_processes.hpp"
#include "remediator/reach/ssh_connection.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/ssh_host.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;
using std::chrono::milliseconds;

// A collector that is a program of its own: a copy of sleep, or of a shell.
struct Lab {
  explicit Lab(const std::string& copy_of = "/bin/sleep") {
    const std::string program = host.path("orders");
    std::filesystem::copy_file(copy_of, program);
    collector.process.executable = program;
    collector.start = {program, "86400"};
    collector.environment = {"TZ=it's \"here\" $(id)"};
    collector.stop_timeout = milliseconds(60'000);
  }
  ~Lab() {
    collector.process = {.pid_file = {}, .executable = host.path("orders"), .command_line = {}};
    for (const pid_t pid : living()) kill(pid, SIGKILL);
  }
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  // As after a crash: nothing but the plan is left of what was before.
  [[nodiscard]] std::unique_ptr<Action> action(const Json& clear = Json::array()) const {
    ActionTools tools{here, clock, far_inventory_of(collector), {"/nowhere", "/sys", "/"}, systemd};
    tools.far = far_hosts_of(connection, far_systemd);
    return make_process_restart(Json{{"clear", clear}, {"start_timeout_ms", 60'000}}.dump(), tools)
        .value();
  }
  // Asked again where a busy machine has not answered in time.
  [[nodiscard]] Result<core::Plan> plan(const Json& clear = Json::array()) const {
    Result<core::Plan> made = fail(Errc::Timeout, "nothing was asked");
    (void)eventually([&] {
      made = action(clear)->plan({kOrders, {}}, {});
      return made || (made.error().code != Errc::Timeout && made.error().code != Errc::Unavailable);
    });
    return made;
  }
  [[nodiscard]] ApplyRequest request(const core::Plan& plan, std::size_t step) const {
    return {own_attempt(), kOrders, plan, step, milliseconds(120'000)};
  }
  [[nodiscard]] std::vector<pid_t> living() const {
    std::vector<pid_t> pids;
    const auto matcher = ProcessMatcher::compile(collector.process);
    const auto found = matcher->find("/proc");
    for (const ProcessInfo& process : *found) pids.push_back(process.identity.pid);
    return pids;
  }

  SshHost host{SshHost::Home::Own};
  mutable FakeRunner here;
  mutable FakeSystemd systemd;
  std::shared_ptr<FakeSystemd> far_systemd = std::make_shared<FakeSystemd>();
  SystemClock clock;
  std::shared_ptr<SshConnection> connection = std::make_shared<SshConnection>(host.access, clock);
  CollectorSpec collector;
  std::stop_source stop;
};

bool skipped() {
  const std::string why = SshHost::why_not();
  if (!why.empty()) std::cout << "SKIP: " << why << '\n';
  return !why.empty();
}

std::string attempt_of(pid_t pid) {
  return read_environment("/proc", pid, "FIELDMEDIC_ATTEMPT").value_or("none");
}

}  // namespace

TEST_CASE("process_restart over SSH ends what runs and starts it once") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const ChildProgram old({lab.collector.start.front(), "86400"});
  REQUIRE(eventually([&] { return lab.living().size() == 1; }));
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 2);
  CHECK(plan->resources == std::vector<std::string>{"host/lab/process/orders"});
  CHECK(lab.action()->confirm(lab.request(*plan, 0), {}).answer == Confirmed::NotApplied);

  const auto stopped = lab.action()->apply(lab.request(*plan, 0), {});
  INFO(stopped.evidence);
  CHECK(stopped.outcome == Applied::Done);
  CHECK(lab.living().empty());
  CHECK(lab.action()->confirm(lab.request(*plan, 0), {}).answer == Confirmed::Applied);

  const auto started = lab.action()->apply(lab.request(*plan, 1), {});
  INFO(started.evidence);
  CHECK(started.outcome == Applied::Done);
  REQUIRE(lab.living().size() == 1);
  const pid_t pid = lab.living().front();
  CHECK(attempt_of(pid) == own_attempt());
  CHECK(read_environment("/proc", pid, "TZ").value() == "it's \"here\" $(id)");
  CHECK(read_process("/proc", pid)->session == pid);
  // By which all that came before the program was told from it.
  CHECK(read_environment("/proc", pid, kOwnCommand).value_or("none") == "start");
  CHECK(lab.action()->confirm(lab.request(*plan, 1), {}).answer == Confirmed::Applied);

  // The same attempt again, as after a crash between apply and confirm: nothing is done twice.
  CHECK(lab.action()->apply(lab.request(*plan, 1), {}).outcome == Applied::Done);
  CHECK(lab.living() == std::vector{pid});
  // Nor by another attempt, while it runs.
  ApplyRequest other = lab.request(*plan, 1);
  other.attempt = own_attempt(2);
  CHECK(lab.action()->apply(other, {}).outcome == Applied::WorldDiffers);
  CHECK(lab.living() == std::vector{pid});
  CHECK(lab.here.calls().empty());
}

TEST_CASE("process_restart over SSH waits for a program that is slow to become one") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  // Ended before the program begins, as setsid(1) is where its child gets no processor.
  lab.host.tree().write("bin/setsid", "#!/bin/sh\n(sleep 2; exec /usr/bin/setsid \"$@\") &\n");
  std::filesystem::permissions(lab.host.path("bin/setsid"), std::filesystem::perms::owner_all);
  lab.collector.environment = {"PATH=" + lab.host.path("bin") + ":/usr/bin:/bin"};
  const auto plan = lab.plan();
  REQUIRE(plan);
  const auto started = lab.action()->apply(lab.request(*plan, 0), {});
  INFO(started.evidence);
  CHECK(started.outcome == Applied::Done);
  CHECK(lab.living().size() == 1);
}

TEST_CASE("process_restart over SSH: SIGKILL where SIGTERM does nothing") {
  if (skipped()) return;
  Lab lab("/bin/sh");
  REQUIRE(lab.host.up);
  lab.collector.stop_timeout = milliseconds(200);
  const ChildProgram deaf(
      {lab.collector.start.front(), "-c", "trap '' TERM; while :; do sleep 1; done"});
  REQUIRE(eventually([&] { return lab.living().size() == 1; }));
  const auto plan = lab.plan();
  REQUIRE(plan);
  const auto stopped = lab.action()->apply(lab.request(*plan, 0), {});
  INFO(stopped.evidence);
  CHECK(stopped.outcome == Applied::Done);
  CHECK(stopped.evidence.contains("by SIGKILL"));
  CHECK(lab.living().empty());
}

TEST_CASE("process_restart over SSH leaves what the plan did not see alone") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const ChildProgram old({lab.collector.start.front(), "86400"});
  REQUIRE(eventually([&] { return lab.living().size() == 1; }));
  const auto plan = lab.plan();
  REQUIRE(plan);
  const ChildProgram young({lab.collector.start.front(), "86400"});
  REQUIRE(eventually([&] { return lab.living().size() == 2; }));
  const auto stopped = lab.action()->apply(lab.request(*plan, 0), {});
  CHECK(stopped.outcome == Applied::WorldDiffers);
  CHECK(lab.living().size() == 2);

  // A process whose pid another one has by now: the start time tells.
  core::Plan reused = *plan;
  Json seen = Json::parse(reused.steps[0].seen);
  seen["processes"][0]["start"] = 1;
  reused.steps[0].seen = seen.dump();
  CHECK(lab.action()->confirm(lab.request(reused, 0), {}).answer == Confirmed::Applied);
  CHECK(lab.living().size() == 2);

  // Planned on another boot of the host.
  core::Plan earlier = *plan;
  for (core::Step& step : earlier.steps) {
    Json before = Json::parse(step.seen);
    before["boot_id"] = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    step.seen = before.dump();
  }
  CHECK(lab.action()->apply(lab.request(earlier, 0), {}).outcome == Applied::WorldDiffers);
  CHECK(lab.action()->apply(lab.request(earlier, 1), {}).outcome == Applied::WorldDiffers);
  CHECK(lab.action()->confirm(lab.request(earlier, 0), {}).answer == Confirmed::Applied);
  CHECK(lab.action()->confirm(lab.request(earlier, 1), {}).answer == Confirmed::Unknown);
  CHECK(lab.living().size() == 2);
}

TEST_CASE("process_restart over SSH: a start that never came is settled and stays so") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 1);
  CHECK(lab.action()->confirm(lab.request(*plan, 0), {}).answer == Confirmed::NotApplied);
  // A command that was under way all the time meets the record.
  CHECK(lab.action()->apply(lab.request(*plan, 0), {}).outcome != Applied::Done);
  CHECK(lab.living().empty());

  lab.stop.request_stop();
  ApplyRequest next = lab.request(*plan, 0);
  next.attempt = own_attempt(2);
  CHECK(lab.action()->apply(next, lab.stop.get_token()).outcome == Applied::Refused);
  CHECK(lab.living().empty());
}

TEST_CASE("process_restart over SSH: what cannot be started is told") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  lab.collector.start = {"/nowhere/orders"};
  const auto missing = lab.plan();
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::NotFound);

  lab.collector.start = {"/bin/false"};
  const auto plan = lab.plan();
  REQUIRE(plan);
  const auto ended = lab.action()->apply(lab.request(*plan, 0), {});
  CHECK(ended.outcome == Applied::Unknown);
  CHECK(ended.evidence.contains("ended at once"));
  CHECK(lab.action()->confirm(lab.request(*plan, 0), {}).answer == Confirmed::NotApplied);

  lab.collector.working_directory = "/nowhere";
  const auto nowhere = lab.plan();
  REQUIRE(nowhere);
  ApplyRequest next = lab.request(*nowhere, 0);
  next.attempt = own_attempt(2);
  CHECK(lab.action()->apply(next, {}).outcome == Applied::Refused);
}

TEST_CASE("process_restart over SSH empties declared folders and follows no link") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  lab.host.tree().write("cache/deep/a", "a");
  lab.host.tree().write("cache/b", "b");
  lab.host.tree().write("kept/c", "c");
  std::filesystem::create_directory_symlink(lab.host.path("kept"), lab.host.path("cache/out"));
  std::filesystem::create_directory_symlink(lab.host.path("cache"), lab.host.path("link"));
  const Json cache = Json::array({lab.host.path("cache"), lab.host.path("absent")});
  const auto plan = lab.plan(cache);
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 2);
  CHECK(plan->resources.size() == 3);
  CHECK(Json::parse(plan->steps[0].seen).at("entries") == 4);
  CHECK(lab.action(cache)->confirm(lab.request(*plan, 0), {}).answer == Confirmed::NotApplied);

  ApplyRequest request = lab.request(*plan, 0);
  request.attempt = own_attempt(2);
  const auto cleared = lab.action(cache)->apply(request, {});
  INFO(cleared.evidence);
  CHECK(cleared.outcome == Applied::Done);
  CHECK(std::filesystem::is_empty(lab.host.path("cache")));
  CHECK(std::filesystem::exists(lab.host.path("kept/c")));
  CHECK(lab.action(cache)->confirm(request, {}).answer == Confirmed::Applied);

  const auto behind_link = lab.plan(Json::array({lab.host.path("link")}));
  REQUIRE_FALSE(behind_link);
  CHECK(behind_link.error().code == Errc::Conflict);

  // Another folder in its place.
  std::filesystem::rename(lab.host.path("cache"), lab.host.path("moved"));
  lab.host.tree().write("cache/d", "d");
  request.attempt = "test-1-3";
  CHECK(lab.action(cache)->apply(request, {}).outcome == Applied::WorldDiffers);
  CHECK(std::filesystem::exists(lab.host.path("cache/d")));
}

TEST_CASE("process_restart over SSH ends nothing that others keep or that we come by") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  lab.collector.process = {.pid_file = {}, .executable = "/usr/sbin/sshd", .command_line = "sshd"};
  const auto ours = lab.plan();
  REQUIRE_FALSE(ours);
  CHECK(ours.error().code == Errc::Conflict);

  std::filesystem::copy_file("/bin/sh", lab.host.path("runsv"));
  lab.collector.process = {
      .pid_file = {}, .executable = lab.host.path("orders"), .command_line = {}};
  const ChildProgram supervised(
      {lab.host.path("runsv"), "-c", lab.host.path("orders") + " 86400; true"});
  REQUIRE(eventually([&] { return lab.living().size() == 1; }));
  const auto owned = lab.plan();
  REQUIRE_FALSE(owned);
  CHECK(owned.error().message.contains("runsv starts it again"));

  lab.collector.process.executable = lab.host.path("none");
  lab.collector.unit = "orders.service";
  UnitState active;
  active.id = "orders.service";
  active.load_state = "loaded";
  active.active_state = "active";
  lab.far_systemd->state = active;
  const auto unit = lab.plan();
  REQUIRE_FALSE(unit);
  CHECK(unit.error().message.contains("systemd_restart fits"));
}

}  // namespace fieldmedic
