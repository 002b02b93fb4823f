#include "remediator/actions/scale_out.hpp"

#include <iostream>

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/systemd_host.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using std::chrono::milliseconds;

constexpr milliseconds kLong{120'000};
constexpr const char* kTwo = "orders@2.service";

struct Lab {
  SystemdHost host{{{"orders@.service",
                     "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=on-failure\n"
                     "RestartSec=0\nExecStart=/bin/sleep infinity\n"
                     "[Install]\nWantedBy=basic.target\n"}}};
  SdBusSystemd systemd{host.bus()};
  FakeRunner runner;
  SystemClock clock;
  std::vector<std::string> left;

  std::unique_ptr<Action> action() {
    const ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    return make_scale_out(R"({"unit":"orders@.service","container":"","max":3,"step":1})", tools)
        .value();
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
  [[nodiscard]] std::string state(const std::string& unit) {
    return systemd.unit(unit, {}).value().active_state;
  }
  core::Plan scaled_out() {
    const auto made = action()->plan({kOrders, {}, {}}, {});
    REQUIRE(made.has_value());
    REQUIRE(made->steps.size() == 1);
    REQUIRE(apply(*made) == Applied::Done);
    REQUIRE(confirm(*made) == Confirmed::Applied);
    return *made;
  }
};

}  // namespace

TEST_CASE("scale_out starts an instance of a real systemd once and takes it back") {
  if (const auto why = SystemdHost::why_not(); !why.empty()) {
    std::cout << "SKIP: " << why << "\n";
    return;
  }
  Lab lab;
  REQUIRE(lab.host.up);
  REQUIRE(lab.systemd.run(UnitJob::Start, "orders@1.service", kLong, {}).has_value());

  const auto made = lab.scaled_out();
  CHECK(made.steps[0].name == "start orders@2.service");
  CHECK(lab.state(kTwo) == "active");
  const auto invocation = lab.systemd.unit(kTwo, {})->invocation_id;

  // After a crash: looked up, and not started again; planned again by the same incident, no more.
  CHECK(lab.confirm(made) == Confirmed::Applied);
  CHECK(lab.apply(made) == Applied::WorldDiffers);
  CHECK(lab.action()->plan({kOrders, {}, {made}}, {}).error().code == Errc::Conflict);
  CHECK(lab.systemd.unit(kTwo, {})->invocation_id == invocation);
  CHECK(lab.state("orders@3.service") == "inactive");

  // What systemd restarts by itself is still ours.
  const auto before = lab.systemd.unit(kTwo, {})->restarts;
  REQUIRE(lab.host.run_command({"systemctl", "kill", "--signal=KILL", kTwo}) == "");
  REQUIRE(eventually([&] {
    const auto unit = lab.systemd.unit(kTwo, {});
    return unit && unit->restarts > before && unit->active_state == "active" && unit->job == 0;
  }));
  const auto undo = lab.undo(made);
  REQUIRE(undo.has_value());
  REQUIRE(undo->steps.size() == 1);
  CHECK(lab.apply(*undo) == Applied::Done);
  CHECK(lab.confirm(*undo) == Confirmed::Applied);
  CHECK(lab.state(kTwo) == "inactive");
  CHECK(lab.state("orders@1.service") == "active");
  CHECK(lab.undo(made)->steps.empty());

  // What a person starts anew, or enables, is theirs.
  const auto again = lab.scaled_out();
  REQUIRE(lab.systemd.run(UnitJob::Restart, kTwo, kLong, {}).has_value());
  CHECK(lab.undo(again).error().code == Errc::Conflict);
  REQUIRE(lab.systemd.run(UnitJob::Stop, kTwo, kLong, {}).has_value());
  CHECK(lab.undo(again)->steps.empty());
  const auto last = lab.scaled_out();
  REQUIRE(lab.host.run_command({"systemctl", "enable", "--runtime", kTwo}) == "");
  CHECK_THAT(lab.undo(last).error().message, Catch::Contains("enabled-runtime"));
  CHECK(lab.state(kTwo) == "active");
  // Stopped by hand though it is enabled: not ours to start.
  REQUIRE(lab.systemd.run(UnitJob::Stop, kTwo, kLong, {}).has_value());
  CHECK(lab.action()->plan({kOrders, {}, {}}, {})->steps[0].name == "start orders@3.service");
}

TEST_CASE("scale_out without a systemd changes nothing and says so") {
  FakeRunner runner;
  SystemClock clock;
  SdBusSystemd systemd("unix:path=/nonexistent");
  const ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
  const auto action =
      make_scale_out(R"({"unit":"orders@.service","container":"","max":3,"step":1})", tools)
          .value();
  CHECK(action->plan({kOrders, {}, {}}, {}).error().code == Errc::Unavailable);
}

}  // namespace fieldmedic
