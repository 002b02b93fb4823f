#include "remediator/actions/systemd_restart.hpp"

#include <iostream>

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
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
  const ApplyRequest request{"test-1-1", kOrders, *plan, 0, milliseconds(120'000)};
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

}  // namespace fieldmedic
