#include "remediator/actions/systemd_restart.hpp"

#include <algorithm>
#include <filesystem>

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;

struct Lab {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  TempTree host{{{"self/cgroup", "0::/system.slice/fieldmedic-remediator.service\n"}}};
  std::string unit = "orders.service";
  std::chrono::milliseconds timeout{20'000};
  std::stop_source stop;

  std::unique_ptr<Action> action() {
    CollectorSpec collector;
    collector.unit = unit;
    const ActionTools tools{
        runner, clock, inventory_of(collector), {host.root, "/sys", "/"}, systemd};
    return make_systemd_restart(R"({"unit":""})", tools).value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  ApplyAnswer apply(const core::Plan& plan) {
    return action()->apply({"test-1-1", kOrders, plan, 0, timeout}, stop.get_token());
  }
  ConfirmAnswer confirm(const core::Plan& plan) {
    return action()->confirm({"test-1-1", kOrders, plan, 0, {}}, {});
  }
};

}  // namespace

TEST_CASE("systemd_restart restarts the invocation that plan saw") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  CHECK(plan->resources ==
        std::vector<std::string>{"host/lab/unit/orders.service", "host/lab/process/orders"});
  CHECK(lab.confirm(*plan).answer == Confirmed::NotApplied);
  CHECK(lab.apply(*plan).outcome == Applied::Done);
  CHECK(lab.confirm(*plan).answer == Confirmed::Applied);
  CHECK(lab.systemd.calls == std::vector<std::string>{"restart orders.service"});

  // After a crash the same step comes again: the world is not as plan saw it any more.
  CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
  CHECK(lab.systemd.calls.size() == 1);
}

TEST_CASE("systemd_restart names the processes of whichever collector the unit runs") {
  Lab lab;
  Inventory inventory = *inventory_of({});
  CollectorSpec payments;
  payments.name = "payments";
  payments.unit = "orders.service";
  inventory.groups[0].collectors.push_back(payments);
  const ActionTools tools{lab.runner,
                          lab.clock,
                          std::make_shared<const Inventory>(inventory),
                          {lab.host.root, "/sys", "/"},
                          lab.systemd};
  const core::Target host{core::TargetKind::Host, "", kOrders.host, kOrders.group};
  const auto plan =
      make_systemd_restart(R"({"unit":"orders.service"})", tools).value()->plan({host, {}}, {});
  REQUIRE(plan.has_value());
  CHECK(plan->resources ==
        std::vector<std::string>{"host/lab/unit/orders.service", "host/lab/process/payments"});
}

TEST_CASE("systemd_restart lifts a start limit first") {
  Lab lab;
  lab.systemd.state.active_state = "failed";
  lab.systemd.state.result = "start-limit-hit";
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  CHECK(lab.apply(*plan).outcome == Applied::Done);
  CHECK(lab.systemd.calls ==
        std::vector<std::string>{"reset_failed orders.service", "restart orders.service"});
}

TEST_CASE("systemd_restart changes nothing once it was cancelled") {
  Lab lab;
  lab.systemd.state.active_state = "failed";  // would be reset first
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  lab.systemd.on_unit = [&] { lab.stop.request_stop(); };
  const auto answer = lab.apply(*plan);
  CHECK(answer.outcome == Applied::Refused);
  CHECK(answer.evidence == "cancelled before anything was changed");
  CHECK(lab.systemd.calls.empty());
}

TEST_CASE("systemd_restart gives the restart what is left of its time") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  lab.systemd.on_unit = [&] { lab.clock.advance(std::chrono::milliseconds(15'000)); };
  CHECK(lab.apply(*plan).outcome == Applied::Done);
  CHECK(lab.systemd.restart_timeout == std::chrono::milliseconds(5'000));

  lab.systemd.state.invocation_id = "aaaa";
  lab.timeout = std::chrono::milliseconds(15'000);
  CHECK(lab.apply(*plan).outcome == Applied::Refused);
  CHECK(lab.systemd.calls.size() == 1);
}

TEST_CASE("systemd_restart plans only what it may touch") {
  struct Case {
    const char* name;
    void (*change)(Lab&);
    Errc want;
  };
  const Case cases[] = {
      {"masked", [](Lab& lab) { lab.systemd.state.load_state = "masked"; }, Errc::Conflict},
      {"not found", [](Lab& lab) { lab.systemd.state.load_state = "not-found"; }, Errc::NotFound},
      {"ourselves by an alias",
       [](Lab& lab) { lab.systemd.state.id = "fieldmedic-remediator.service"; }, Errc::Conflict},
      {"a job of someone", [](Lab& lab) { lab.systemd.state.job = 7; }, Errc::Conflict},
      {"no unit known", [](Lab& lab) { lab.unit = ""; }, Errc::NotFound},
      {"no service", [](Lab& lab) { lab.unit = "orders.socket"; }, Errc::Invalid},
      {"unreachable",
       [](Lab& lab) { lab.systemd.unreachable = Error{Errc::Unavailable, "no bus"}; },
       Errc::Unavailable},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Lab lab;
    c.change(lab);
    const auto plan = lab.plan();
    REQUIRE_FALSE(plan.has_value());
    CHECK(plan.error().code == c.want);
    CHECK(lab.systemd.calls.empty());
  }
}

TEST_CASE("systemd_restart tells a refused restart from an unknown one") {
  struct Case {
    Result<std::string> job;
    Applied want;
  };
  const Case cases[] = {
      {std::string("done"), Applied::Done},
      {std::string("failed"), Applied::Unknown},
      {std::string("canceled"), Applied::Unknown},
      {fail(Errc::Denied, "polkit"), Applied::Refused},
      {fail(Errc::Conflict, "destructive"), Applied::Refused},
      {fail(Errc::Unavailable, "no bus"), Applied::Refused},
      {fail(Errc::Timeout, "no end"), Applied::Unknown},
      {fail(Errc::Cancelled, "stopped"), Applied::Unknown},
      {fail(Errc::Io, "lost"), Applied::Unknown},
  };
  for (const Case& c : cases) {
    Lab lab;
    const auto plan = lab.plan();
    lab.systemd.job_result = c.job;
    INFO((c.job ? *c.job : c.job.error().message));
    CHECK(lab.apply(*plan).outcome == c.want);
  }
}

TEST_CASE("systemd_restart confirms by the invocation and the state") {
  struct Case {
    const char* active;
    const char* invocation;
    std::uint32_t job;
    Confirmed want;
  };
  const Case cases[] = {
      {"active", "aaaa", 0, Confirmed::NotApplied},
      {"active", "bbbb", 0, Confirmed::Applied},
      {"active", "aaaa", 7, Confirmed::InProgress},
      {"activating", "bbbb", 0, Confirmed::InProgress},
      {"deactivating", "aaaa", 0, Confirmed::InProgress},
      {"failed", "bbbb", 0, Confirmed::NotApplied},
      {"inactive", "aaaa", 0, Confirmed::NotApplied},
      {"reloading", "bbbb", 0, Confirmed::Applied},
  };
  Lab lab;
  const auto plan = lab.plan();
  for (const Case& c : cases) {
    INFO(c.active << " " << c.invocation << " " << c.job);
    lab.systemd.state.active_state = c.active;
    lab.systemd.state.invocation_id = c.invocation;
    lab.systemd.state.job = c.job;
    CHECK(lab.confirm(*plan).answer == c.want);
  }
  lab.systemd.unreachable = Error{Errc::Unavailable, "no bus"};
  CHECK(lab.confirm(*plan).answer == Confirmed::Unknown);
}

namespace {

// A unit whose cache holds something, with `clear` of that.
struct ClearLab : Lab {
  TempTree cache{{{"cache/old", "stale"}}};
  std::string folder = (cache.root / "cache").native();

  ClearLab() {
    systemd.on_stop = [this] { systemd.state.active_state = "inactive"; };
    systemd.on_start = [this] {
      systemd.state.active_state = "active";
      systemd.state.invocation_id = "bbbb";
    };
  }
  std::unique_ptr<Action> action() {
    CollectorSpec collector;
    collector.unit = unit;
    const ActionTools tools{
        runner, clock, inventory_of(collector), {host.root, "/sys", "/"}, systemd};
    return make_systemd_restart(R"({"unit":"","clear":[")" + folder + R"("]})", tools).value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  static std::vector<std::string> steps(const core::Plan& plan) {
    std::vector<std::string> names;
    for (const core::Step& step : plan.steps) names.push_back(step.name);
    return names;
  }
  ApplyAnswer apply(const core::Plan& plan, std::size_t step) {
    return action()->apply({"test-1-1", kOrders, plan, step, timeout}, {});
  }
  Confirmed confirm(const core::Plan& plan, std::size_t step) {
    return action()->confirm({"test-1-1", kOrders, plan, step, {}}, {}).answer;
  }
  [[nodiscard]] bool is_empty() const { return std::filesystem::is_empty(folder); }
};

}  // namespace

TEST_CASE("systemd_restart stops, clears and starts, a step each") {
  ClearLab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  CHECK(ClearLab::steps(*plan) == std::vector<std::string>{"stop orders.service",
                                                           "clear " + lab.folder,
                                                           "start orders.service"});
  CHECK(std::ranges::count(plan->resources, "host/lab/path" + lab.folder) == 1);
  CHECK(lab.confirm(*plan, 0) == Confirmed::NotApplied);
  CHECK(lab.apply(*plan, 0).outcome == Applied::Done);
  CHECK(lab.confirm(*plan, 0) == Confirmed::Applied);
  CHECK_FALSE(lab.is_empty());
  CHECK(lab.action()
            ->confirm({"test-1-1", kOrders, *plan, 1, {}}, {})
            .evidence.ends_with("; left to be done: start orders.service"));
  CHECK(lab.apply(*plan, 1).outcome == Applied::Done);
  CHECK(lab.confirm(*plan, 1) == Confirmed::Applied);
  CHECK(lab.is_empty());
  CHECK(lab.confirm(*plan, 2) == Confirmed::NotApplied);
  CHECK(lab.apply(*plan, 2).outcome == Applied::Done);
  CHECK(lab.confirm(*plan, 2) == Confirmed::Applied);
  CHECK(lab.systemd.calls ==
        std::vector<std::string>{"stop orders.service", "start orders.service"});

  // Nothing is done twice.
  for (const std::size_t step : {0UZ, 2UZ})
    CHECK(lab.apply(*plan, step).outcome == Applied::WorldDiffers);
  CHECK(lab.systemd.calls.size() == 2);
}

TEST_CASE("systemd_restart that was cut off between stop and start is planned to its end") {
  ClearLab lab;
  auto plan = lab.plan();
  REQUIRE(plan);
  CHECK(lab.apply(*plan, 0).outcome == Applied::Done);
  plan = lab.plan();
  REQUIRE(plan);
  CHECK(ClearLab::steps(*plan) ==
        std::vector<std::string>{"clear " + lab.folder, "start orders.service"});
  CHECK(lab.apply(*plan, 0).outcome == Applied::Done);
  plan = lab.plan();
  REQUIRE(plan);
  CHECK(ClearLab::steps(*plan) == std::vector<std::string>{"restart orders.service"});
}

TEST_CASE("systemd_restart starts only what is down, as the plan saw it") {
  struct Case {
    const char* name;
    const char* state;
    const char* invocation;
    Applied want;
  };
  const Case cases[] = {
      {"as it was stopped", "inactive", "aaaa", Applied::Done},
      {"systemd forgot it", "inactive", "", Applied::Done},
      {"its stop failed it", "failed", "aaaa", Applied::Done},
      {"started by somebody", "active", "cccc", Applied::WorldDiffers},
      {"started and ended", "inactive", "cccc", Applied::WorldDiffers},
      {"it was not stopped", "active", "aaaa", Applied::WorldDiffers},
      {"active and nameless", "active", "", Applied::WorldDiffers},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    ClearLab lab;
    const auto plan = lab.plan();
    REQUIRE(plan);
    lab.systemd.state.active_state = c.state;
    lab.systemd.state.invocation_id = c.invocation;
    CHECK(lab.apply(*plan, 2).outcome == c.want);
  }
}

TEST_CASE("systemd_restart clears only units that stand alone, and says which does not let it") {
  ClearLab lab;
  lab.systemd.state.tied = {"reader.service"};
  lab.systemd.others["reader.service"] = "active";
  const auto tied = lab.plan();
  REQUIRE_FALSE(tied);
  CHECK(tied.error().code == Errc::Conflict);
  CHECK(tied.error().message.contains("reader.service is active"));

  lab.systemd.others["reader.service"] = "inactive";
  CHECK(lab.plan());

  lab.systemd.others["reader.service"] = "active";
  std::filesystem::remove(lab.folder + "/old");
  CHECK(lab.plan());  // a restart takes it along

  lab.systemd.state.tied = std::vector<std::string>(33, "reader.service");
  lab.cache.write("cache/old", "stale");
  lab.systemd.others["reader.service"] = "inactive";
  CHECK_FALSE(lab.plan());
}

TEST_CASE("systemd_restart knows no other job than its own") {
  ClearLab lab;
  auto plan = lab.plan();
  REQUIRE(plan);
  plan->steps[0].wanted = R"({"active_state":"inactive","job":"isolate"})";
  CHECK(lab.apply(*plan, 0).outcome == Applied::Refused);
  CHECK(lab.confirm(*plan, 0) == Confirmed::Unknown);
  CHECK(lab.systemd.calls.empty());
}

}  // namespace fieldmedic
