// scale_out by clones of a container.
#include "remediator/actions/scale_out.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_clones.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Names = std::vector<std::string>;

constexpr const char* kTwo = "orders-fieldmedic-2";
constexpr const char* kThree = "orders-fieldmedic-3";

// A container that runs, and no clone.
struct Lab {
  FakeRunner runner;
  FakeSystemd systemd;
  std::shared_ptr<FakeClones> engine = std::make_shared<FakeClones>();
  ManualClock clock;
  std::string arguments = R"({"unit":"","container":"orders","max":3,"step":1})";
  std::vector<std::string> left;

  Lab() {
    engine->add("orders");
    engine->start("orders");
  }
  std::unique_ptr<Action> action() {
    return make_scale_out(arguments,
                          {runner, clock, inventory_of({}), {}, systemd, engine, nullptr, {}})
        .value();
  }
  Result<core::Plan> plan(std::vector<core::Plan> made = {}) {
    return action()->plan({kOrders, {}, std::move(made)}, {});
  }
  Result<core::Plan> undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, "test-1-1", made, left}, {});
  }
  ApplyAnswer apply(const core::Plan& plan, std::size_t step) {
    return action()->apply({"test-1-1", kOrders, plan, step}, {});
  }
  Confirmed confirm(const core::Plan& plan, std::size_t step) {
    const auto answer = action()->confirm({"test-1-1", kOrders, plan, step}, {});
    if (!answer.left.empty()) left.push_back(answer.left);
    return answer.answer;
  }
  void carry_out(const core::Plan& plan) {
    for (std::size_t step = 0; step < plan.steps.size(); ++step) {
      REQUIRE(confirm(plan, step) == Confirmed::NotApplied);
      REQUIRE(apply(plan, step).outcome == Applied::Done);
      REQUIRE(confirm(plan, step) == Confirmed::Applied);
    }
  }
  core::Plan scaled_out() {
    const auto made = plan().value();
    carry_out(made);
    engine->calls.clear();
    return made;
  }
};

}  // namespace

TEST_CASE("scale_out makes and starts the clone that its plan names, once, and removes it") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  CHECK(plan->summary ==
        "scale container orders from 1 to 2 of at most 3: start orders-fieldmedic-2");
  CHECK(plan->resources == Names{"host/lab/scale/container/orders", "host/lab/container/id-1",
                                 "host/lab/process/orders"});
  CHECK(plan->lease->resource == "host/lab/scale/container/orders");
  lab.carry_out(*plan);
  CHECK(lab.engine->calls == Names{"clone orders-fieldmedic-2", "start orders-fieldmedic-2"});
  CHECK(lab.engine->containers[kTwo].clone_made_by == "test-1-1");

  // Repeated after a crash: nothing twice.
  for (const std::size_t step : {0U, 1U}) {
    CHECK(lab.confirm(*plan, step) == Confirmed::Applied);
    CHECK(lab.apply(*plan, step).outcome == Applied::WorldDiffers);
  }
  CHECK(lab.plan({*plan}).error().code == Errc::Conflict);

  lab.engine->calls.clear();
  const auto undo = lab.undo(*plan);
  REQUIRE(undo.has_value());
  lab.carry_out(*undo);
  CHECK(lab.engine->calls == Names{"stop orders-fieldmedic-2", "remove orders-fieldmedic-2"});
  CHECK(lab.engine->containers.size() == 1);
  CHECK(lab.undo(*plan)->steps.empty());
}

TEST_CASE("scale_out of containers goes on where an incident stood, and no further") {
  Lab lab;
  lab.arguments = R"({"unit":"","container":"orders","max":4,"step":2})";
  const auto made = lab.plan().value();
  REQUIRE(made.steps.size() == 4);
  REQUIRE(lab.apply(made, 0).outcome == Applied::Done);  // made, and dead before its start
  const auto again = lab.plan({made}).value();
  REQUIRE(again.steps.size() == 3);
  CHECK(again.steps[0].name == "start orders-fieldmedic-2");
  lab.carry_out(again);
  CHECK(lab.plan({made}).error().code == Errc::Conflict);
  CHECK(lab.engine->containers.size() == 3);
  lab.carry_out(lab.undo(made).value());
  CHECK(lab.engine->containers.size() == 1);
}

TEST_CASE("scale_out clones nothing in a world that is not the plan's") {
  struct Case {
    const char* name;
    void (*change)(Lab&);
    Applied want;
  };
  const Case cases[] = {
      {"the name is taken", [](Lab& l) { l.engine->add(kTwo); }, Applied::WorldDiffers},
      {"another one more", [](Lab& l) { l.engine->add(kThree, "id-1"), l.engine->start(kThree); },
       Applied::WorldDiffers},
      {"the source is gone", [](Lab& l) { l.engine->containers.clear(); }, Applied::Refused},
      {"the source is another",
       [](Lab& l) { l.engine->containers.clear(), l.engine->add("orders"); }, Applied::Refused},
      {"no engine", [](Lab& l) { l.engine->unreachable = Error{Errc::Unavailable, "none"}; },
       Applied::Refused},
      {"refused", [](Lab& l) { l.engine->refuses = Error{Errc::Conflict, "no"}; },
       Applied::Refused},
      {"slow", [](Lab& l) { l.engine->refuses = Error{Errc::Timeout, "slow"}; }, Applied::Unknown},
      {"no time",
       [](Lab& l) {
         l.engine->on_inspect = [&l] { l.clock.advance(std::chrono::milliseconds(30'000)); };
       },
       Applied::Refused},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Lab lab;
    const auto plan = lab.plan().value();
    c.change(lab);
    CHECK(lab.apply(plan, 0).outcome == c.want);
    CHECK((lab.engine->calls.empty() || lab.engine->refuses.has_value()));
    lab.engine->unreachable.reset();
    CHECK(lab.confirm(plan, 0) == Confirmed::NotApplied);
  }
  Lab lab;
  const auto plan = lab.plan().value();
  lab.engine->lies = true;
  CHECK(lab.apply(plan, 0).outcome == Applied::Done);
  CHECK(lab.confirm(plan, 0) == Confirmed::NotApplied);
  lab.engine->unreachable = Error{Errc::Unavailable, "none"};
  CHECK(lab.confirm(plan, 0) == Confirmed::Unknown);
}

TEST_CASE("scale_out of containers: a start whose answer was lost is waited for where it shows") {
  Lab lab;
  const auto plan = lab.plan().value();
  REQUIRE(lab.apply(plan, 0).outcome == Applied::Done);
  lab.engine->refuses = Error{Errc::Timeout, "slow"};
  int looks = 0;
  lab.engine->on_inspect = [&] {
    const bool ordered = lab.engine->calls.back().starts_with("start");
    if (ordered && ++looks == 3) lab.engine->start(kTwo);
  };
  CHECK(lab.apply(plan, 1).outcome == Applied::Unknown);
  CHECK(lab.confirm(plan, 1) == Confirmed::Applied);
  CHECK(lab.engine->calls.size() == 2);
}

TEST_CASE("scale_out clones no container that is somebody's") {
  struct Case {
    const char* name;
    void (*change)(ContainerState&);
    const char* want;
  };
  const Case cases[] = {
      {"of a unit", [](ContainerState& c) { c.owner = "the systemd unit x"; },
       "the systemd unit x"},
      {"a clone", [](ContainerState& c) { c.clone_of = "id-0"; }, "is a clone itself"},
      {"with a port",
       [](ContainerState& c) {
         c.inspect = R"({"Id":"a","Image":"i","Config":{},"HostConfig":{"PortBindings":)"
                     R"({"80/tcp":[{"HostPort":"8080"}]}}})";
       },
       "the host's port 8080"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Lab lab;
    c.change(lab.engine->containers["orders"]);
    CHECK_THAT(lab.plan().error().message, Catch::Contains(c.want));
  }
  Lab lab;
  lab.engine->add(kTwo);  // not of ours, whatever its name
  CHECK(lab.plan()->steps[0].name == "make orders-fieldmedic-3 of orders");
  lab.engine->start(kTwo);
  lab.engine->add(kThree, "id-1");
  lab.engine->end(kThree);
  CHECK_THAT(lab.plan().error().message, Catch::Contains("orders-fieldmedic-3 is exited"));
  lab.engine->containers.clear();
  CHECK(lab.plan().error().code == Errc::NotFound);
}

TEST_CASE("scale_out removes its clones only, and leaves to a person what is somebody's by now") {
  struct Case {
    const char* name;
    void (*change)(Lab&);
    const char* want;  // the summary, or a part of why a person has to look
  };
  const Case cases[] = {
      {"as it was left", [](Lab&) {}, "stop and remove orders-fieldmedic-2"},
      {"the engine restarted it", [](Lab& l) { l.engine->crash(kTwo); }, "stop and remove"},
      {"it ended", [](Lab& l) { l.engine->end(kTwo); }, "stop and remove"},
      {"it was removed", [](Lab& l) { l.engine->containers.erase(kTwo); }, "no clone"},
      {"a person restarted it", [](Lab& l) { l.engine->start(kTwo); }, "started anew by somebody"},
      {"a person paused it", [](Lab& l) { l.engine->containers[kTwo].status = "paused"; },
       "paused by somebody"},
      {"another has its name",
       [](Lab& l) { l.engine->containers.erase(kTwo), l.engine->add(kTwo); }, "not the clone"},
      {"it is restarting", [](Lab& l) { l.engine->containers[kTwo].status = "restarting"; },
       "is restarting"},
      {"nobody knows what was started", [](Lab& l) { l.left.clear(); }, "it is not known"},
      {"no engine", [](Lab& l) { l.engine->unreachable = Error{Errc::Unavailable, "none"}; },
       "none"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Lab lab;
    const auto made = lab.scaled_out();
    c.change(lab);
    const auto undo = lab.undo(made);
    CHECK_THAT(undo ? undo->summary : undo.error().message, Catch::Contains(c.want));
    CHECK(lab.engine->calls.empty());
  }
}

TEST_CASE("scale_out takes a clone back only while it is as the undo's plan saw it") {
  Lab lab;
  const auto made = lab.scaled_out();
  const auto undo = lab.undo(made).value();
  REQUIRE(undo.steps.size() == 2);
  CHECK(lab.apply(undo, 1).outcome == Applied::WorldDiffers);  // it runs
  CHECK(lab.confirm(undo, 0) == Confirmed::NotApplied);
  lab.engine->told_to_end = lab.clock.wall();
  CHECK(lab.confirm(undo, 0) == Confirmed::InProgress);
  lab.engine->start(kTwo);
  CHECK(lab.apply(undo, 0).outcome == Applied::WorldDiffers);
  CHECK(lab.confirm(undo, 0) == Confirmed::NotApplied);
  lab.engine->containers.erase(kTwo);
  lab.engine->add(kTwo);
  CHECK(lab.apply(undo, 1).outcome == Applied::WorldDiffers);
  CHECK(lab.engine->calls.empty());
}

TEST_CASE("scale_out waits for a clone's health") {
  Lab lab;
  const auto plan = lab.plan().value();
  REQUIRE(lab.apply(plan, 0).outcome == Applied::Done);
  REQUIRE(lab.apply(plan, 1).outcome == Applied::Done);
  struct Case {
    const char* status;
    const char* health;
    Confirmed want;
  };
  for (const Case& c : {Case{"running", "starting", Confirmed::InProgress},
                        Case{"running", "unhealthy", Confirmed::NotApplied},
                        Case{"restarting", "", Confirmed::InProgress},
                        Case{"running", "healthy", Confirmed::Applied}}) {
    INFO(c.status << " " << c.health);
    lab.engine->containers[kTwo].status = c.status;
    lab.engine->containers[kTwo].health = c.health;
    CHECK(lab.confirm(plan, 1) == c.want);
  }
}

TEST_CASE("scale_out of containers wants the engine of its host") {
  Lab lab;
  const ActionTools tools{lab.runner, lab.clock, far_inventory_of({}), {}, lab.systemd, lab.engine,
                          nullptr,    {}};
  const auto plan = make_scale_out(lab.arguments, tools).value()->plan({kOrders, {}, {}}, {});
  CHECK_THAT(plan.error().message, Catch::Contains("names no container_engine"));
  const ActionTools none{lab.runner,  lab.clock, inventory_of({}), {},
                         lab.systemd, nullptr,   nullptr,          {}};
  const auto without = make_scale_out(lab.arguments, none).value()->plan({kOrders, {}, {}}, {});
  CHECK_THAT(without.error().message, Catch::Contains("no container engine"));
}

}  // namespace fieldmedic
