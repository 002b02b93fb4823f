// systemd_restart on a host over SSH: a real sshd whose commands run in a host with a real systemd.
#include "remediator/actions/systemd_restart.hpp"

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

const std::vector<std::pair<std::string, std::string>> kUnits{
    {"orders.service",
     "[Service]\nExecStartPre=/bin/sh -c 'mkdir -p /srv/share; mountpoint -q /srv/share || "
     "mount -t tmpfs share /srv/share'\nExecStart=/bin/sleep infinity\n"},
    {"cached.service", "[Service]\nExecStart=/bin/sleep infinity\n"},
    {"slow.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n"},
    {"broken.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n"},
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

  [[nodiscard]] std::unique_ptr<Action> action(const std::string& unit) {
    ActionTools tools{here, clock, far_inventory_of({}), {"/proc", "/sys", "/"}, here_too};
    tools.far = far_hosts_of(connection, systemd);
    std::string more;
    if (unit == "orders.service") more = R"(,"mounts":["/srv/share"])";
    if (unit == "cached.service") more = R"(,"clear":["/srv/cache"])";
    return make_systemd_restart("{\"unit\":\"" + unit + "\"" + more + "}", tools).value();
  }
  [[nodiscard]] std::string invocation(const std::string& unit) const {
    return systemd->unit(unit, {}).value().invocation_id;
  }
};

}  // namespace

TEST_CASE("systemd_restart over SSH restarts a unit of a real systemd once") {
  if (const auto why = SshHost::why_not() + SystemdHost::why_not(); !why.empty()) {
    std::cout << "SKIP: " << why << '\n';
    return;
  }
  Lab lab;
  REQUIRE(lab.systemd_host.up);
  REQUIRE(lab.host.up);

  CHECK(lab.systemd->unit("orders.service", {})->active_state == "inactive");
  CHECK(lab.systemd->unit("orders.service", {})->invocation_id.empty());
  CHECK(lab.systemd->unit("absent.service", {})->load_state == "not-found");
  CHECK(
      lab.systemd->run(UnitJob::Restart, "absent.service", milliseconds(60'000), {}).error().code ==
      Errc::NotFound);
  CHECK(
      lab.systemd->run(UnitJob::Restart, "masked.service", milliseconds(60'000), {}).error().code ==
      Errc::Conflict);
  CHECK(lab.systemd->run(UnitJob::Restart, "broken.service", milliseconds(60'000), {}) ==
        Result<std::string>("failed"));
  CHECK(lab.systemd->unit("broken.service", {})->active_state == "failed");
  CHECK(lab.systemd->reset_failed("broken.service", {}).has_value());
  CHECK(lab.systemd->unit("broken.service", {})->active_state == "inactive");

  const auto action = lab.action("orders.service");
  const auto plan = action->plan({kOrders, {}}, {}).value();
  const ApplyRequest request{own_attempt(), kOrders, plan, 0, milliseconds(120'000)};
  CHECK(action->confirm(request, {}).answer == Confirmed::NotApplied);
  const auto done = action->apply(request, {});
  INFO(done.evidence);
  CHECK(done.outcome == Applied::Done);
  ConfirmAnswer confirmed;  // a busy machine may take its time to look at the mount
  CHECK(eventually(
      [&] { return (confirmed = action->confirm(request, {})).answer == Confirmed::Applied; },
      std::chrono::seconds(60)));
  CHECK(confirmed.evidence.contains("/srv/share is mounted and answers"));
  const std::string started = lab.invocation("orders.service");
  CHECK(started.size() == 32);

  // As after a crash between apply and confirm: looked up, and never restarted a second time.
  CHECK(eventually(
      [&] {
        return lab.action("orders.service")->confirm(request, {}).answer == Confirmed::Applied;
      },
      std::chrono::seconds(60)));
  CHECK(lab.action("orders.service")->apply(request, {}).outcome == Applied::WorldDiffers);
  CHECK(lab.invocation("orders.service") == started);
  CHECK(lab.systemd_host.run_command({"/bin/umount", "/srv/share"}).empty());
  CHECK(eventually(
      [&] { return action->confirm(request, {}).evidence.contains("/srv/share is not mounted"); },
      std::chrono::seconds(60)));

  // The connection is lost during the job: unknown, then told by the job that goes on.
  const auto slow = lab.action("slow.service");
  const auto slow_plan = slow->plan({kOrders, {}}, {}).value();
  const ApplyRequest slow_request{"test-2-1", kOrders, slow_plan, 0, milliseconds(120'000)};
  auto applied = std::async(std::launch::async, [&] { return slow->apply(slow_request, {}); });
  REQUIRE(eventually([&] {
    const auto unit = lab.systemd->unit("slow.service", {});
    return unit && unit->job != 0;
  }));
  for (const pid_t pid : lab.host.sessions()) kill(pid, SIGKILL);
  CHECK(applied.get().outcome == Applied::Unknown);
  CHECK(slow->confirm(slow_request, {}).answer == Confirmed::InProgress);

  // Another's job is not replaced.
  const auto busy = lab.systemd->run(UnitJob::Restart, "slow.service", milliseconds(500), {});
  CHECK_FALSE(busy.has_value());
  CHECK(lab.here_too.calls.empty());
  CHECK(lab.here.calls().empty());
}

TEST_CASE("systemd_restart over SSH empties declared folders while the unit is down") {
  if (const auto why = SshHost::why_not() + SystemdHost::why_not(); !why.empty()) {
    std::cout << "SKIP: " << why << '\n';
    return;
  }
  Lab lab;
  REQUIRE(lab.systemd_host.up);
  REQUIRE(lab.host.up);
  const std::string unit = "cached.service";
  REQUIRE(lab.systemd->run(UnitJob::Start, unit, milliseconds(60'000), {}) ==
          Result<std::string>("done"));
  const std::string before = lab.invocation(unit);
  CHECK(lab.systemd_host
            .run_command({"/bin/sh", "-c",
                          "mkdir -p /srv/cache/deep /srv/kept && touch /srv/kept/b && "
                          "echo a >/srv/cache/deep/a && ln -s /srv/kept /srv/cache/out"})
            .empty());

  const auto plan = lab.action(unit)->plan({kOrders, {}}, {}).value();
  REQUIRE(plan.steps.size() == 3);
  for (std::size_t step = 0; step < plan.steps.size(); ++step) {
    // Each as after a crash: nothing but the plan is left.
    const ApplyRequest request{own_attempt(), kOrders, plan, step, milliseconds(120'000)};
    const auto done = lab.action(unit)->apply(request, {});
    INFO(plan.steps[step].name << ": " << done.evidence);
    CHECK(done.outcome == Applied::Done);
    CHECK(eventually(
        [&] { return lab.action(unit)->confirm(request, {}).answer == Confirmed::Applied; }));
    const auto seen = lab.systemd->unit(unit, {});
    REQUIRE(seen);
    CHECK((seen->active_state == "active") == (step == 2));
  }
  CHECK(lab.invocation(unit) != before);
  CHECK(lab.systemd_host
            .run_command({"/bin/sh", "-c", "[ -z \"$(ls -A /srv/cache)\" ] && [ -e /srv/kept/b ]"})
            .empty());
}

}  // namespace fieldmedic
