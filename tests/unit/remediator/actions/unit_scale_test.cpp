// scale_out by instances of a template of systemd.
#include "remediator/actions/scale_out.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/fake_units.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Names = std::vector<std::string>;

constexpr const char* kOne = "orders@1.service";
constexpr const char* kTwo = "orders@2.service";
constexpr const char* kThree = "orders@3.service";

// One of three runs; the next may be started.
struct Lab {
  FakeRunner runner;
  FakeUnits systemd;
  ManualClock clock;
  std::string arguments = R"({"unit":"orders@.service","container":"","max":3,"step":1})";
  std::vector<std::string> left;
  std::stop_source stop;

  Lab() {
    systemd.add(kOne, "active");
    systemd.add(kTwo, "inactive");
    systemd.add(kThree, "inactive");
  }
  std::unique_ptr<Action> action() {
    CollectorSpec collector;
    collector.unit = kOne;
    return make_scale_out(arguments, {runner, clock, inventory_of(collector), {}, systemd}).value();
  }
  Result<core::Plan> plan(std::vector<core::Plan> made = {}) {
    return action()->plan({kOrders, {}, std::move(made)}, {});
  }
  Result<core::Plan> undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, "test-1-1", made, left}, {});
  }
  ApplyAnswer apply(const core::Plan& plan, std::size_t step = 0) {
    return action()->apply({"test-1-1", kOrders, plan, step}, stop.get_token());
  }
  // As the engine does, which keeps what a confirmed step left.
  Confirmed confirm(const core::Plan& plan, std::size_t step = 0) {
    const auto answer = action()->confirm({"test-1-1", kOrders, plan, step}, {});
    if (!answer.left.empty()) left.push_back(answer.left);
    return answer.answer;
  }
  core::Plan scaled_out() {
    const auto made = plan().value();
    for (std::size_t step = 0; step < made.steps.size(); ++step) {
      REQUIRE(apply(made, step).outcome == Applied::Done);
      REQUIRE(confirm(made, step) == Confirmed::Applied);
    }
    systemd.calls.clear();
    return made;
  }
};

}  // namespace

TEST_CASE("scale_out starts the instance that its plan names, once, and stops it again") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  CHECK(plan->summary == "scale orders@.service from 1 to 2 of at most 3: start orders@2.service");
  CHECK(plan->resources == Names{"host/lab/scale/orders@.service", "host/lab/unit/orders@2.service",
                                 "host/lab/process/orders"});
  REQUIRE(plan->lease.has_value());
  CHECK(plan->lease->resource == "host/lab/scale/orders@.service");
  REQUIRE(plan->steps.size() == 1);
  CHECK(plan->steps[0].wanted == R"({"count":2,"instance":"orders@2.service","state":"running"})");
  CHECK(lab.confirm(*plan) == Confirmed::NotApplied);
  CHECK(lab.apply(*plan).outcome == Applied::Done);
  CHECK(lab.confirm(*plan) == Confirmed::Applied);
  CHECK(lab.systemd.calls == Names{"start orders@2.service"});

  // Repeated after a crash: nothing twice.
  CHECK(lab.confirm(*plan) == Confirmed::Applied);
  CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
  CHECK(lab.systemd.calls.size() == 1);

  const auto undo = lab.undo(*plan);
  REQUIRE(undo.has_value());
  CHECK(undo->summary == "scale orders@.service back: stop orders@2.service");
  CHECK(lab.confirm(*undo) == Confirmed::NotApplied);
  CHECK(lab.apply(*undo).outcome == Applied::Done);
  CHECK(lab.confirm(*undo) == Confirmed::Applied);
  CHECK(lab.systemd.calls == Names{"start orders@2.service", "stop orders@2.service"});
  CHECK(lab.systemd.units[kOne].active_state == "active");
  CHECK(lab.undo(*plan)->steps.empty());
}

TEST_CASE("scale_out planned again by the same incident goes on, and no further") {
  Lab lab;
  lab.arguments = R"({"unit":"orders@.service","container":"","max":3,"step":2})";
  const auto made = lab.plan().value();
  REQUIRE(made.steps.size() == 2);
  CHECK(lab.apply(made, 0).outcome == Applied::Done);  // and dead
  const auto again = lab.plan({made}).value();
  REQUIRE(again.steps.size() == 1);
  CHECK(again.steps[0].name == "start orders@3.service");
  CHECK(lab.apply(again).outcome == Applied::Done);
  CHECK(lab.plan({made}).error().code == Errc::Conflict);

  // With one more that could be started.
  lab.arguments = R"({"unit":"orders@.service","container":"","max":4,"step":2})";
  lab.systemd.add("orders@4.service", "inactive");
  CHECK(lab.plan({made}).error().code == Errc::Conflict);
  // What is of another lease does not count.
  auto other = made;
  other.lease->resource = "host/lab/scale/payments@.service";
  CHECK(lab.plan({other})->steps[0].name == "start orders@4.service");
}

TEST_CASE("scale_out starts nothing in a world that is not the plan's") {
  struct Case {
    const char* name;
    void (*change)(Lab&);
    Applied want;
  };
  const Case cases[] = {
      {"started by a person", [](Lab& l) { l.systemd.start(kTwo); }, Applied::WorldDiffers},
      {"and stopped again",
       [](Lab& l) {
         l.systemd.start(kTwo);
         l.systemd.units[kTwo].active_state = "inactive";
       },
       Applied::WorldDiffers},
      {"another one more", [](Lab& l) { l.systemd.start(kThree); }, Applied::WorldDiffers},
      {"masked", [](Lab& l) { l.systemd.units[kTwo].load_state = "masked"; },
       Applied::WorldDiffers},
      {"a job", [](Lab& l) { l.systemd.units[kTwo].job = 7; }, Applied::WorldDiffers},
      {"enabled", [](Lab& l) { l.systemd.units[kTwo].file_state = "enabled"; },
       Applied::WorldDiffers},
      {"failed", [](Lab& l) { l.systemd.units[kTwo].active_state = "failed"; },
       Applied::WorldDiffers},
      {"gone", [](Lab& l) { l.systemd.units.clear(); }, Applied::Refused},
      {"unreachable", [](Lab& l) { l.systemd.unreachable = Error{Errc::Unavailable, "no bus"}; },
       Applied::Refused},
      {"cancelled", [](Lab& l) { l.systemd.on_unit = [&l] { l.stop.request_stop(); }; },
       Applied::Refused},
      {"too slow",
       [](Lab& l) {
         l.systemd.on_unit = [&l] { l.clock.advance(std::chrono::milliseconds(10'000)); };
       },
       Applied::Refused},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Lab lab;
    const auto plan = lab.plan().value();
    c.change(lab);
    CHECK(lab.apply(plan).outcome == c.want);
    CHECK(lab.systemd.calls.empty());
  }
}

TEST_CASE("scale_out tells a refused start from an unknown one, and a lie from a start") {
  struct Case {
    Result<std::string> job;
    Applied want;
  };
  const Case cases[] = {
      {std::string("failed"), Applied::Unknown},
      {std::string("timeout"), Applied::Unknown},
      {fail(Errc::Denied, "polkit"), Applied::Refused},
      {fail(Errc::Timeout, "slow"), Applied::Unknown},
      {fail(Errc::Io, "lost"), Applied::Unknown},
  };
  for (const Case& c : cases) {
    Lab lab;
    const auto plan = lab.plan().value();
    lab.systemd.job_result = c.job;
    CHECK(lab.apply(plan).outcome == c.want);
    CHECK(lab.confirm(plan) == Confirmed::NotApplied);
  }
  Lab lab;
  const auto plan = lab.plan().value();
  lab.systemd.lies = true;
  CHECK(lab.apply(plan).outcome == Applied::Done);
  CHECK(lab.confirm(plan) == Confirmed::NotApplied);
  lab.systemd.units[kTwo].job = 7;
  CHECK(lab.confirm(plan) == Confirmed::InProgress);
  lab.systemd.unreachable = Error{Errc::Unavailable, "no bus"};
  CHECK(lab.confirm(plan) == Confirmed::Unknown);
}

TEST_CASE("scale_out plans no instance that is somebody's") {
  struct Case {
    const char* name;
    void (*change)(Lab&);
    const char* want;  // the step, or a part of why there is none
  };
  const Case cases[] = {
      {"enabled", [](Lab& l) { l.systemd.units[kTwo].file_state = "enabled"; }, kThree},
      {"failed", [](Lab& l) { l.systemd.units[kTwo].active_state = "failed"; }, kThree},
      {"stopping", [](Lab& l) { l.systemd.units[kTwo].active_state = "deactivating"; }, kThree},
      {"an alias", [](Lab& l) { l.systemd.units[kTwo].id = "x@2.service"; }, kThree},
      {"starting", [](Lab& l) { l.systemd.units[kTwo].active_state = "activating"; }, kThree},
      {"all run", [](Lab& l) { l.systemd.start(kTwo), l.systemd.start(kThree); }, "3 run already"},
      {"no template", [](Lab& l) { l.systemd.units.clear(); }, "knows no template"},
      {"no bus", [](Lab& l) { l.systemd.unreachable = Error{Errc::Unavailable, "no bus"}; }, "bus"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Lab lab;
    c.change(lab);
    const auto plan = lab.plan();
    CHECK_THAT(plan ? plan->steps[0].name : plan.error().message, Catch::Contains(c.want));
    CHECK(lab.systemd.calls.empty());
  }
}

TEST_CASE("scale_out undoes what it made, and leaves to a person what is somebody's by now") {
  struct Case {
    const char* name;
    void (*change)(Lab&);
    const char* want;  // the summary, or a part of why a person has to look
  };
  const Case cases[] = {
      {"as it was left", [](Lab&) {}, "stop orders@2.service"},
      {"systemd restarted it", [](Lab& l) { l.systemd.crash(kTwo); }, "stop orders@2.service"},
      {"a person restarted it", [](Lab& l) { l.systemd.start(kTwo); }, "started anew by somebody"},
      {"a person enabled it", [](Lab& l) { l.systemd.units[kTwo].file_state = "enabled"; },
       "somebody means it to stay"},
      {"a person stopped it", [](Lab& l) { l.systemd.units[kTwo].active_state = "inactive"; },
       "none of what was started"},
      {"it failed", [](Lab& l) { l.systemd.units[kTwo].active_state = "failed"; }, "none of what"},
      {"a person is at work", [](Lab& l) { l.systemd.units[kTwo].job = 7; }, "with job 7"},
      {"nobody knows what was started", [](Lab& l) { l.left.clear(); }, "it is not known"},
      {"or it cannot be read", [](Lab& l) { l.left = {"{", "[]", R"({"instance":7})"}; },
       "it is not known"},
      {"the template is gone", [](Lab& l) { l.systemd.units.clear(); }, "none of what"},
      {"no bus", [](Lab& l) { l.systemd.unreachable = Error{Errc::Unavailable, "no bus"}; }, "bus"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Lab lab;
    const auto made = lab.scaled_out();
    c.change(lab);
    const auto undo = lab.undo(made);
    CHECK_THAT(undo ? undo->summary : undo.error().message, Catch::Contains(c.want));
    CHECK(lab.systemd.calls.empty());
  }
}

TEST_CASE("scale_out stops in reverse, and only while it is as the undo's plan saw it") {
  Lab lab;
  lab.arguments = R"({"unit":"orders@.service","container":"","max":3,"step":2})";
  const auto made = lab.scaled_out();
  const auto undo = lab.undo(made).value();
  REQUIRE(undo.steps.size() == 2);
  CHECK(undo.steps[0].name == "stop orders@3.service");
  lab.systemd.start(kThree);
  CHECK(lab.apply(undo, 0).outcome == Applied::WorldDiffers);
  lab.systemd.units[kTwo].file_state = "enabled-runtime";
  CHECK(lab.apply(undo, 1).outcome == Applied::WorldDiffers);
  lab.systemd.units[kTwo].file_state = "disabled";
  lab.systemd.units[kTwo].job = 7;
  CHECK(lab.apply(undo, 1).outcome == Applied::WorldDiffers);
  CHECK(lab.systemd.calls.empty());
  lab.systemd.units[kTwo].job = 0;
  CHECK(lab.apply(undo, 1).outcome == Applied::Done);
  CHECK(lab.systemd.calls == Names{"stop orders@2.service"});
}

TEST_CASE("scale_out on another host asks the systemd over there") {
  Lab lab;
  FakeSystemd here;
  auto there = std::make_shared<FakeUnits>(lab.systemd);
  ActionTools tools{lab.runner, lab.clock, far_inventory_of({}), {}, here};
  tools.far = far_hosts_of(nullptr, there);
  const auto action = make_scale_out(lab.arguments, tools).value();
  const auto plan = action->plan({kOrders, {}, {}}, {}).value();
  CHECK(action->apply({"test-1-1", kOrders, plan, 0}, {}).outcome == Applied::Done);
  CHECK(there->calls == Names{"start orders@2.service"});
  CHECK(here.calls.empty());
  tools.far = nullptr;
  CHECK(make_scale_out(lab.arguments, tools).value()->plan({kOrders, {}, {}}, {}).error().code ==
        Errc::Unavailable);
}

TEST_CASE("scale_out refuses a step that is none of its own") {
  Lab lab;
  for (const char* wanted : {"", "[]", R"({"instance":"orders@2.service"})",
                             R"({"instance":"orders@2.service","state":"twice"})",
                             R"({"instance":"orders@2.service","state":"running"})"}) {
    INFO(wanted);
    core::Plan plan;
    plan.steps.push_back({.name = "x", .seen = R"({"id":""})", .wanted = wanted});
    CHECK(lab.apply(plan).outcome == Applied::Refused);
    CHECK(lab.confirm(plan) == Confirmed::Unknown);
    CHECK_FALSE(lab.undo(plan).has_value());
  }
}

}  // namespace fieldmedic
