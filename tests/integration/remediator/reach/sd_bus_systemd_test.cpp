#include "remediator/reach/sd_bus_systemd.hpp"

#include <iostream>
#include <thread>

#include "remediator/reach/supervisor.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/systemd_host.hpp"

namespace fieldmedic {

namespace {

using std::chrono::milliseconds;

const std::vector<std::pair<std::string, std::string>> kUnits{
    {"orders.service", "[Service]\nExecStart=/bin/sleep infinity\n"},
    {"slow.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n"},
    {"broken.service",
     "[Unit]\nStartLimitBurst=1\nStartLimitIntervalSec=1h\n"
     "[Service]\nType=oneshot\nExecStart=/bin/false\n"},
};

constexpr milliseconds kLong{120'000};
constexpr const char* kOwnSocketCase = "inside: systemd's own socket serves where there is no bus";

}  // namespace

TEST_CASE("sd-bus restarts units of a real systemd and reads their state") {
  if (const auto why = SystemdHost::why_not(); !why.empty()) {
    std::cout << "SKIP: " << why << "\n";
    return;
  }
  const SystemdHost host(kUnits);
  REQUIRE(host.up);
  SdBusSystemd systemd(host.bus());

  const auto never = systemd.unit("orders.service", {});
  REQUIRE(never.has_value());
  CHECK(never->load_state == "loaded");
  CHECK(never->active_state == "inactive");
  CHECK(never->invocation_id.empty());
  std::string last;
  for (int i = 0; i < 3; ++i) {
    CHECK(systemd.run(UnitJob::Restart, "orders.service", kLong, {}) ==
          Result<std::string>("done"));
    const auto now = systemd.unit("orders.service", {});
    REQUIRE(now.has_value());
    CHECK(now->active_state == "active");
    CHECK(now->invocation_id.size() == 32);
    CHECK(now->invocation_id != last);
    CHECK(now->job == 0);
    last = now->invocation_id;
  }

  const auto inside = host.run_inside(kOwnSocketCase);
  REQUIRE(inside.has_value());
  INFO(inside->out << inside->err);
  CHECK(inside->term_signal == 0);
  CHECK(inside->exit_code == 0);
  CHECK(systemd.unit("orders.service", {})->invocation_id != last);

  CHECK(systemd.unit("absent.service", {})->load_state == "not-found");
  CHECK(systemd.run(UnitJob::Restart, "absent.service", kLong, {}).error().code == Errc::NotFound);
  CHECK(systemd.unit("masked.service", {})->load_state == "masked");
  CHECK(systemd.run(UnitJob::Restart, "masked.service", kLong, {}).error().code == Errc::Conflict);

  // A stop before the job is asked for changes nothing; one during the job leaves it running.
  std::stop_source stop;
  std::jthread stopper([&] {
    (void)eventually([&] {
      const auto unit = SdBusSystemd(host.bus()).unit("slow.service", {});
      return unit && unit->job != 0;
    });
    stop.request_stop();
  });
  CHECK(systemd.run(UnitJob::Restart, "slow.service", kLong, stop.get_token()).error().code ==
        Errc::Cancelled);
  stopper.join();
  const auto before = systemd.unit("orders.service", {})->invocation_id;
  const auto never_asked = systemd.run(UnitJob::Restart, "orders.service", kLong, stop.get_token());
  REQUIRE_FALSE(never_asked.has_value());
  CHECK(never_asked.error().message == "cancelled before anything was changed");
  CHECK(systemd.unit("orders.service", {})->invocation_id == before);
  CHECK(systemd.reset_failed("orders.service", stop.get_token()).error().code == Errc::Unavailable);
  CHECK(systemd.unit("orders.service", stop.get_token()).error().code == Errc::Cancelled);

  const auto slow = systemd.run(UnitJob::Restart, "slow.service", milliseconds(3'000), {});
  REQUIRE_FALSE(slow.has_value());
  CHECK(slow.error().code == Errc::Timeout);
  CHECK(systemd.unit("slow.service", {})->job != 0);

  CHECK(systemd.run(UnitJob::Restart, "broken.service", kLong, {}) ==
        Result<std::string>("failed"));
  const auto failed = systemd.unit("broken.service", {})->invocation_id;
  // Its start limit is hit now, which Result does not show: it stays "exit-code".
  CHECK(systemd.run(UnitJob::Restart, "broken.service", kLong, {}) ==
        Result<std::string>("failed"));
  CHECK(systemd.unit("broken.service", {})->invocation_id == failed);
  CHECK(systemd.reset_failed("broken.service", {}).has_value());
  CHECK(systemd.run(UnitJob::Restart, "broken.service", kLong, {}) ==
        Result<std::string>("failed"));
  CHECK(systemd.unit("broken.service", {})->invocation_id != failed);

  // What runs in there is the container's, seen from here.
  const auto orders =
      ProcessMatcher::compile({"", "", "^/bin/sleep infinity$"})->find("/proc").value();
  bool found = false;
  for (const ProcessInfo& process : orders) {
    if (process.parent != host.leader()) continue;
    found = true;
    const auto supervisor = find_supervisor("/proc", process);
    REQUIRE(supervisor.has_value());
    REQUIRE(supervisor->has_value());
    CHECK((*supervisor)->kind == SupervisorKind::Container);
  }
  CHECK(found);
}

// Hidden: run_inside runs it, from the first test case.
TEST_CASE("inside: systemd's own socket serves where there is no bus", "[.]") {
  if (!SystemdHost::is_inside()) {
    std::cout << "SKIP: it is part of another test\n";
    return;
  }
  SdBusSystemd direct("unix:path=/nonexistent", "unix:path=/run/systemd/private");
  CHECK(direct.run(UnitJob::Restart, "orders.service", kLong, {}) == Result<std::string>("done"));
}

TEST_CASE("sd-bus without a bus is unavailable") {
  SdBusSystemd systemd("unix:path=/nonexistent");
  CHECK(systemd.unit("orders.service", {}).error().code == Errc::Unavailable);
  CHECK(systemd.run(UnitJob::Restart, "orders.service", kLong, {}).error().code ==
        Errc::Unavailable);
  CHECK(systemd.reset_failed("orders.service", {}).error().code == Errc::Unavailable);
}

}  // namespace fieldmedic
