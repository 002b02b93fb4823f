// exec on a host over SSH, against a real sshd.
#include "remediator/actions/exec.hpp"

#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>

#include <nlohmann/json.hpp>

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

struct Lab {
  SshHost host{SshHost::Home::Own};
  FakeRunner here;
  FakeSystemd systemd;
  SystemClock clock;
  std::shared_ptr<SshConnection> connection = std::make_shared<SshConnection>(host.access, clock);
  std::stop_source stop;
  core::Plan plan;

  // As after a crash: nothing but the plan is left of what was before.
  std::unique_ptr<Action> action(const std::string& script) {
    ActionTools tools{here, clock, far_inventory_of({}), {}, systemd};
    tools.far = far_hosts_of(connection);
    const Json arguments{{"argv", {"/bin/sh", "-c", script, "sh", "{{ target.name }}", "$(id)"}},
                         {"environment", Json::array()}};
    auto exec = make_exec(arguments.dump(), tools).value();
    if (plan.steps.empty()) plan = exec->plan({kOrders, {}}, {}).value();
    return exec;
  }
  [[nodiscard]] ApplyRequest request(milliseconds timeout = milliseconds(120'000)) const {
    return {own_attempt(), kOrders, plan, 0, timeout};
  }
  [[nodiscard]] std::string file(const std::string& name) const {
    return host.path("home") + "/" + name;
  }
  [[nodiscard]] std::string content(const std::string& name) const {
    std::ifstream stream(file(name));
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void lose_connection() const {
    for (const pid_t pid : host.sessions()) kill(pid, SIGKILL);
  }
};

bool skipped() {
  const std::string why = SshHost::why_not();
  if (!why.empty()) std::cout << "SKIP: " << why << '\n';
  return !why.empty();
}

}  // namespace

TEST_CASE("exec over SSH runs a program over there, once") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const auto exec = lab.action("echo \"$1|$2|$FIELDMEDIC_ATTEMPT\" >>out");
  const auto done = exec->apply(lab.request(), {});
  INFO(done.evidence);
  CHECK(done.outcome == Applied::Done);
  CHECK(lab.content("out") == "orders|$(id)|" + own_attempt() + "\n");
  CHECK(exec->confirm(lab.request(), {}).answer == Confirmed::Applied);

  // The same attempt again, as after a crash between apply and confirm: nothing is done twice.
  const auto after_crash = lab.action("echo \"$1|$2|$FIELDMEDIC_ATTEMPT\" >>out");
  CHECK(after_crash->confirm(lab.request(), {}).answer == Confirmed::Applied);
  CHECK(after_crash->apply(lab.request(), {}).outcome != Applied::Done);
  CHECK(lab.content("out") == "orders|$(id)|" + own_attempt() + "\n");
  CHECK(lab.here.calls().empty());
}

TEST_CASE("exec over SSH says no with the program's own words") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const auto exec = lab.action("echo broken >&2; exit 4");
  const auto refused = exec->apply(lab.request(), {});
  CHECK(refused.outcome == Applied::Refused);
  CHECK(refused.evidence == "exited with 4 and printed at its end: \"broken\\n\"");
  CHECK(exec->confirm(lab.request(), {}).answer == Confirmed::NotApplied);
}

TEST_CASE("exec over SSH: an answer that was lost is looked up over there") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const auto exec =
      lab.action("trap '' PIPE; touch began; while ! test -e go; do sleep 0.01; done");
  auto applied = std::async(std::launch::async, [&] { return exec->apply(lab.request(), {}); });
  REQUIRE(eventually([&] { return std::filesystem::exists(lab.file("began")); }));
  CHECK(exec->confirm(lab.request(), {}).answer == Confirmed::InProgress);
  lab.lose_connection();
  const auto lost = applied.get();
  INFO(lost.evidence);
  CHECK(lost.outcome == Applied::Unknown);
  CHECK(lost.evidence.find("it was killed over there") != std::string::npos);
  REQUIRE(
      eventually([&] { return exec->confirm(lab.request(), {}).answer != Confirmed::InProgress; }));
  CHECK(exec->confirm(lab.request(), {}).answer == Confirmed::Unknown);  // killed in the middle
}

TEST_CASE("exec over SSH: a program that ended while we were away is told by its record") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const auto exec = lab.action("touch began; while ! test -e go; do sleep 0.01; done; touch ended");
  auto applied = std::async(std::launch::async, [&] { return exec->apply(lab.request(), {}); });
  REQUIRE(eventually([&] { return std::filesystem::exists(lab.file("began")); }));
  lab.host.tree().write("home/go", "");
  REQUIRE(eventually([&] {
    return lab.content(".fieldmedic/attempts/" + own_attempt() + ".0").contains("ended 0");
  }));
  lab.lose_connection();
  (void)applied.get();
  CHECK(lab.action("")->confirm(lab.request(), {}).answer == Confirmed::Applied);
}

TEST_CASE("exec over SSH: cancelled in the middle it is ended over there") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const auto exec = lab.action("touch began; while :; do echo >>beats; sleep 0.01; done");
  auto applied = std::async(std::launch::async,
                            [&] { return exec->apply(lab.request(), lab.stop.get_token()); });
  REQUIRE(eventually([&] { return std::filesystem::exists(lab.file("began")); }));
  lab.stop.request_stop();
  const auto cancelled = applied.get();
  CHECK(cancelled.outcome == Applied::Unknown);
  CHECK(cancelled.evidence.find("it was killed over there") != std::string::npos);
  REQUIRE(eventually([&] {
    return lab.content(".fieldmedic/attempts/" + own_attempt() + ".0").contains("ended 137");
  }));
  CHECK(exec->confirm(lab.request(), {}).answer == Confirmed::Unknown);

  Lab before;
  REQUIRE(before.host.up);
  const auto never = before.action("touch began");
  CHECK(never->apply(before.request(), lab.stop.get_token()).outcome == Applied::Refused);
  CHECK_FALSE(std::filesystem::exists(before.file("began")));
}

TEST_CASE("exec over SSH: what never ends is ended by its time") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const auto exec = lab.action("exec sleep 600");
  CHECK(exec->apply(lab.request(milliseconds(5'000)), {}).outcome == Applied::Unknown);
  REQUIRE(eventually([&] {
    return lab.content(".fieldmedic/attempts/" + own_attempt() + ".0").contains("ended 137");
  }));
}

TEST_CASE("exec over SSH: an attempt that was given up before it began never begins") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  const auto exec = lab.action("touch began");
  CHECK(exec->confirm(lab.request(), {}).answer == Confirmed::NotApplied);
  const auto late = exec->apply(lab.request(), {});
  CHECK(late.outcome == Applied::Refused);
  CHECK_FALSE(std::filesystem::exists(lab.file("began")));
}

TEST_CASE("exec over SSH: a host whose key changed is named before anything is done") {
  if (skipped()) return;
  Lab lab;
  REQUIRE(lab.host.up);
  lab.host.know("other.pub");
  ActionTools tools{lab.here, lab.clock, far_inventory_of({}), {}, lab.systemd};
  tools.far = far_hosts_of(lab.connection);
  const auto exec = make_exec(R"({"argv": ["/bin/true"], "environment": []})", tools).value();
  const auto plan = exec->plan({kOrders, {}}, {});
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code == Errc::Denied);
  CHECK(plan.error().message.contains("somebody stands between"));
}

}  // namespace fieldmedic
