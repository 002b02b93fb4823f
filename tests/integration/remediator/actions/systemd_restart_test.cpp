#include "remediator/actions/systemd_restart.hpp"

#include <iostream>

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/systemd_host.hpp"

namespace fieldmedic {

using core::Applied;
using core::Confirmed;
using std::chrono::milliseconds;

TEST_CASE("systemd_restart restarts a unit of a real systemd once") {
  if (const auto why = SystemdHost::why_not(); !why.empty()) {
    std::cout << "SKIP: " << why << "\n";
    return;
  }
  // One start is allowed, so that the restart of what crashed meets the start limit.
  const SystemdHost host{{{"orders.service",
                           "[Unit]\nStartLimitBurst=1\nStartLimitIntervalSec=1h\n"
                           "[Service]\nExecStart=/bin/sleep infinity\n"}}};
  REQUIRE(host.up);
  SdBusSystemd systemd(host.bus());
  FakeRunner runner;
  ManualClock clock;
  CollectorSpec collector;
  collector.unit = "orders.service";
  const ActionTools tools{runner, clock, inventory_of(collector), {}, systemd};
  const auto make = [&] { return make_systemd_restart(R"({"unit":""})", tools).value(); };

  REQUIRE(systemd.run(UnitJob::Restart, "orders.service", milliseconds(120'000), {}) ==
          Result<std::string>("done"));
  // systemd calls it started before the program has taken over.
  REQUIRE(eventually([&] { return host.kill_main("sleep"); }));
  REQUIRE(eventually([&] {
    const auto unit = systemd.unit("orders.service", {});
    return unit && unit->active_state == "failed";
  }));

  const auto plan = make()->plan({kOrders, {}}, {});
  REQUIRE(plan.has_value());
  const ApplyRequest request{own_attempt(), kOrders, *plan, 0, milliseconds(120'000)};
  CHECK(make()->confirm(request, {}).answer == Confirmed::NotApplied);
  const auto applied = make()->apply(request, {});
  INFO(applied.evidence);
  CHECK(applied.outcome == Applied::Done);
  CHECK(make()->confirm(request, {}).answer == Confirmed::Applied);
  const auto invocation = systemd.unit("orders.service", {})->invocation_id;

  // After a crash: asked again, and applied again.
  CHECK(make()->confirm(request, {}).answer == Confirmed::Applied);
  CHECK(make()->apply(request, {}).outcome == Applied::WorldDiffers);
  CHECK(systemd.unit("orders.service", {})->invocation_id == invocation);
}

TEST_CASE("systemd_restart of a storage service is proved by its mount") {
  if (const auto why = SystemdHost::why_not(); !why.empty()) {
    std::cout << "SKIP: " << why << "\n";
    return;
  }
  // Brings back what the file says; without it nothing.
  const SystemdHost host{
      {{"orders.service",
        "[Service]\nExecStartPre=/bin/mkdir -p /srv/share\n"
        "ExecStartPre=/bin/sh -c '[ ! -e /run/source ] || mountpoint -q /srv/share || "
        "mount -t tmpfs $(cat /run/source) /srv/share'\n"
        "ExecStart=/bin/sleep infinity\n"}}};
  REQUIRE(host.up);
  const auto sh = [&](const std::string& line) {
    return host.run_command({"/bin/sh", "-c", line});
  };
  REQUIRE(sh("echo first > /run/source && systemctl start orders.service").empty());
  SdBusSystemd systemd(host.bus());
  LocalProcessRunner runner;
  SystemClock clock;
  CollectorSpec collector;
  collector.unit = "orders.service";
  const std::string procfs = "/proc/" + std::to_string(host.leader()) + "/root/proc";
  const ActionTools tools{runner, clock, inventory_of(collector), {procfs, "/sys", "/"}, systemd};
  const auto action = make_systemd_restart(R"({"unit":"","mounts":["/srv/share"]})", tools).value();
  const auto restarted = [&](const std::string& before_the_restart) {
    const auto plan = action->plan({kOrders, {}}, {});
    REQUIRE(plan);
    REQUIRE(sh(before_the_restart).empty());
    const ApplyRequest request{own_attempt(), kOrders, *plan, 0, milliseconds(120'000)};
    const auto applied = action->apply(request, {});
    INFO(applied.evidence);
    REQUIRE(applied.outcome == Applied::Done);
    ConfirmAnswer answer;  // a busy machine may take its time to look
    REQUIRE(eventually(
        [&] { return (answer = action->confirm(request, {})).answer != Confirmed::Unknown; },
        std::chrono::seconds(60)));
    return answer;
  };

  const auto back = restarted("umount /srv/share");
  INFO(back.evidence);
  CHECK(back.answer == Confirmed::Applied);
  CHECK(back.evidence.contains("/srv/share is mounted and answers"));

  const auto other = restarted("umount /srv/share; echo second > /run/source");
  CHECK(other.answer == Confirmed::NotApplied);
  CHECK(other.evidence.contains(R"(has the source "second", where the plan saw "first")"));

  const auto read_only = restarted("mount -o remount,ro /srv/share");
  CHECK(read_only.answer == Confirmed::NotApplied);
  CHECK(read_only.evidence.contains("can only be read"));

  const auto lost = restarted("umount /srv/share; rm /run/source");
  CHECK(lost.answer == Confirmed::NotApplied);
  CHECK(lost.evidence.contains("/srv/share is not mounted"));
}

TEST_CASE("systemd_restart clears between a stop and a start of a real systemd") {
  if (const auto why = SystemdHost::why_not(); !why.empty()) {
    std::cout << "SKIP: " << why << "\n";
    return;
  }
  const SystemdHost host{{{"orders.service", "[Service]\nExecStart=/bin/sleep infinity\n"},
                          {"reader.service",
                           "[Unit]\nRequires=orders.service\nAfter=orders.service\n"
                           "[Service]\nExecStart=/bin/sleep infinity\n"}}};
  REQUIRE(host.up);
  SdBusSystemd systemd(host.bus());
  for (const char* unit : {"orders.service", "reader.service"})
    REQUIRE(systemd.run(UnitJob::Start, unit, milliseconds(120'000), {}) ==
            Result<std::string>("done"));
  const TempTree tree{{{"cache/old", "stale"}}};
  const std::string folder = (tree.root / "cache").native();
  FakeRunner runner;
  SystemClock clock;
  CollectorSpec collector;
  collector.unit = "orders.service";
  const ActionTools tools{runner, clock, inventory_of(collector), {}, systemd};
  const auto action =
      make_systemd_restart(R"({"unit":"","clear":[")" + folder + R"("]})", tools).value();

  // Its reader would be stopped with it and stay so.
  const auto tied = action->plan({kOrders, {}}, {});
  REQUIRE_FALSE(tied);
  CHECK(tied.error().message.contains("reader.service is active"));
  REQUIRE(systemd.run(UnitJob::Stop, "reader.service", milliseconds(120'000), {}) ==
          Result<std::string>("done"));

  const auto before = systemd.unit("orders.service", {});
  const auto plan = action->plan({kOrders, {}}, {});
  REQUIRE(before);
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 3);
  for (std::size_t step = 0; step < 3; ++step) {
    const ApplyRequest request{own_attempt(), kOrders, *plan, step, milliseconds(120'000)};
    CHECK(action->confirm(request, {}).answer == Confirmed::NotApplied);
    const auto applied = action->apply(request, {});
    INFO(applied.evidence);
    CHECK(applied.outcome == Applied::Done);
    CHECK(action->confirm(request, {}).answer == Confirmed::Applied);
  }
  CHECK(std::filesystem::is_empty(folder));
  const auto after = systemd.unit("orders.service", {});
  REQUIRE(after);
  CHECK(after->active_state == "active");
  CHECK(after->invocation_id != before->invocation_id);
}

}  // namespace fieldmedic
