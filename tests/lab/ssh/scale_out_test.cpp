// scale_out on a host over SSH: a real sshd whose commands run in a host with a real systemd.
#include "remediator/actions/scale_out.hpp"

#include <future>
#include <iostream>

#include "remediator/reach/far_systemd.hpp"
#include "remediator/reach/ssh_connection.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/ssh_host.hpp"
#include "tests/fakes/systemd_host.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using std::chrono::milliseconds;

constexpr milliseconds kLong{120'000};
constexpr const char* kTwo = "orders@2.service";

const std::vector<std::pair<std::string, std::string>> kUnits{
    {"orders@.service",
     "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=basic.target\n"},
    {"slow@.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n"},
};

struct Lab {
  SystemdHost systemd_host{kUnits};
  SshHost host{SshHost::Home::Real, "nsenter --target " + std::to_string(systemd_host.leader()) +
                                        " --mount --pid --ipc --uts /bin/sh -c"};
  SystemClock clock;
  FakeRunner here;
  FakeSystemd here_too;
  std::shared_ptr<SshConnection> connection = std::make_shared<SshConnection>(host.access, clock);
  std::shared_ptr<FarSystemd> systemd = std::make_shared<FarSystemd>(connection, AsRoot::Already);
  std::vector<std::string> left;

  [[nodiscard]] std::unique_ptr<Action> action(const std::string& unit = "orders@.service") {
    ActionTools tools{here, clock, far_inventory_of({}), {"/proc", "/sys", "/"}, here_too};
    tools.far = far_hosts_of(connection, systemd);
    const std::string arguments = R"({"unit":")" + unit + R"(","container":"","max":3,"step":1})";
    return make_scale_out(arguments, tools).value();
  }
  Applied apply(const core::Plan& plan) {
    const auto answer = action()->apply({own_attempt(), kOrders, plan, 0, kLong}, {});
    INFO(answer.evidence);
    return answer.outcome;
  }
  Confirmed confirm(const core::Plan& plan) {
    const auto answer = action()->confirm({own_attempt(), kOrders, plan, 0, kLong}, {});
    if (!answer.left.empty()) left.push_back(answer.left);
    return answer.answer;
  }
  Result<core::Plan> undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, own_attempt(), made, left}, {});
  }
};

}  // namespace

TEST_CASE("scale_out over SSH starts an instance of a real systemd once and takes it back") {
  if (const auto why = SshHost::why_not() + SystemdHost::why_not(); !why.empty()) {
    std::cout << "SKIP: " << why << '\n';
    return;
  }
  Lab lab;
  REQUIRE(lab.systemd_host.up);
  REQUIRE(lab.host.up);
  REQUIRE(lab.systemd->run(UnitJob::Start, "orders@1.service", kLong, {}).has_value());

  const auto planned = lab.action()->plan({kOrders, {}, {}}, {});
  INFO((planned ? "" : planned.error().message));
  REQUIRE(planned.has_value());
  const core::Plan& made = *planned;
  REQUIRE(made.steps.size() == 1);
  CHECK(made.steps[0].name == "start orders@2.service");
  CHECK(lab.confirm(made) == Confirmed::NotApplied);
  CHECK(lab.apply(made) == Applied::Done);
  CHECK(lab.confirm(made) == Confirmed::Applied);
  CHECK(lab.apply(made) == Applied::WorldDiffers);
  CHECK(lab.action()->plan({kOrders, {}, {made}}, {}).error().code == Errc::Conflict);

  const auto undo = lab.undo(made).value();
  CHECK(lab.apply(undo) == Applied::Done);
  CHECK(lab.confirm(undo) == Confirmed::Applied);
  CHECK(lab.systemd->unit(kTwo, {})->active_state == "inactive");
  CHECK(lab.systemd->unit("orders@1.service", {})->active_state == "active");
  CHECK(lab.undo(made)->steps.empty());

  // Enabled by somebody: not ours to start.
  REQUIRE(lab.systemd_host.run_command({"systemctl", "enable", "--runtime", kTwo}) == "");
  CHECK(lab.systemd->unit(kTwo, {})->file_state == "enabled-runtime");
  CHECK(lab.action()->plan({kOrders, {}, {}}, {})->steps[0].name == "start orders@3.service");

  // The connection is lost during the job: unknown, then told by the job that goes on.
  const auto slow = lab.action("slow@.service");
  const auto slow_plan = slow->plan({kOrders, {}, {}}, {}).value();
  const ApplyRequest slow_request{"test-2-1", kOrders, slow_plan, 0, kLong};
  auto applied = std::async(std::launch::async, [&] { return slow->apply(slow_request, {}); });
  REQUIRE(eventually([&] {
    const auto unit = lab.systemd->unit("slow@1.service", {});
    return unit && unit->job != 0;
  }));
  for (const pid_t pid : lab.host.sessions()) kill(pid, SIGKILL);
  CHECK(applied.get().outcome == Applied::Unknown);
  CHECK(slow->confirm(slow_request, {}).answer == Confirmed::InProgress);
  CHECK(lab.here_too.calls.empty());
}

}  // namespace fieldmedic
