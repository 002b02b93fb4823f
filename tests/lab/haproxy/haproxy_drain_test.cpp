// haproxy_drain against a real HAProxy.
#include "remediator/actions/haproxy_drain.hpp"

#include <filesystem>
#include <iostream>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/process_runner.hpp"
#include "remediator/reach/haproxy.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
namespace fs = std::filesystem;

constexpr const char* kProgram = "/usr/sbin/haproxy";

constexpr const char* kConfiguration = R"(global
  stats socket {0}/admin.sock mode 600 level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend in
  bind unix@{0}/in.sock
  default_backend collect
backend collect
  server lab 127.0.0.1:1
  server b 127.0.0.1:2
  server c 127.0.0.1:3
)";

bool installed() {
  if (fs::exists(kProgram)) return true;
  std::cout << "SKIP: " << kProgram << " is not installed\n";
  return false;
}

struct Lab {
  TempTree tree{{{"empty", ""}}};
  std::string socket = (tree.root / "admin.sock").string();
  ChildProgram haproxy{
      {kProgram, "-db", "-f",
       tree.write("haproxy.cfg", fmt::format(fmt::runtime(kConfiguration), tree.root.string()))
           .string()}};
  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  Haproxy api{socket};

  Lab() {
    INFO(haproxy.errors());
    REQUIRE(eventually([&] { return api.servers("collect", {}).has_value(); }));
  }

  std::unique_ptr<Action> action(int least = 0) {
    const nlohmann::json arguments{{"socket", socket},
                                   {"backend", "collect"},
                                   {"server", "{{ target.host }}"},
                                   {"least", least}};
    return make_haproxy_drain(arguments.dump(), {runner, clock, inventory_of({}), {}, systemd})
        .value();
  }
  Result<core::Plan> plan(int least = 0) { return action(least)->plan({kOrders, {}}, {}); }
  Result<core::Plan> plan_undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, own_attempt(), made}, {});
  }
  ApplyAnswer apply(const core::Plan& plan, std::stop_token stop = {}) {
    return action()->apply({own_attempt(), kOrders, plan, 0, std::chrono::seconds(60)},
                           std::move(stop));
  }
  Confirmed confirm(const core::Plan& plan) {
    return action()->confirm({own_attempt(), kOrders, plan, 0, {}}, {}).answer;
  }
  unsigned administrative() { return api.servers("collect", {}).value().front().administrative; }
};

}  // namespace

TEST_CASE("haproxy_drain: out of the balance and back") {
  if (!installed()) return;
  Lab lab;
  const auto plan = lab.plan();
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  CHECK(plan->summary == "drain collect/lab; 2 others take its sessions");
  REQUIRE(plan->lease);
  CHECK(plan->lease->resource == plan->resources.front());
  // What two drains of one backend have in common, and no lease.
  CHECK(plan->resources.back() == "haproxy-balance" + lab.socket + "/collect");
  CHECK(lab.confirm(*plan) == Confirmed::NotApplied);
  CHECK(lab.apply(*plan).outcome == Applied::Done);
  CHECK(lab.administrative() == kForcedDrain);
  CHECK(lab.confirm(*plan) == Confirmed::Applied);
  CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);  // as after a crash
  CHECK(lab.plan().error().code == Errc::Conflict);

  const auto undo = lab.plan_undo(*plan);
  REQUIRE(undo);
  REQUIRE(undo->steps.size() == 1);
  CHECK(lab.apply(*undo).outcome == Applied::Done);
  CHECK(lab.administrative() == 0);
  CHECK(lab.confirm(*undo) == Confirmed::Applied);
  CHECK(lab.plan_undo(*plan)->steps.empty());
}

TEST_CASE("haproxy_drain: enough others have to be in the balance") {
  if (!installed()) return;
  Lab lab;
  CHECK(lab.plan(3).error().message ==
        "it would leave 2 servers in the balance of collect, at least 3 have to be");
  CHECK(lab.plan(2));
  REQUIRE(lab.api.set_state("collect", "b", "maint", {}));
  CHECK(lab.plan().error().code == Errc::Conflict);  // half of three is two
  CHECK(lab.plan(1));
}

TEST_CASE("haproxy_drain: what another set is left alone") {
  if (!installed()) return;
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  SECTION("between plan and apply") {
    REQUIRE(lab.api.set_state("collect", "lab", "maint", {}));
    CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
    CHECK((lab.administrative() & kForcedDrain) == 0);
  }
  SECTION("another is gone since the plan, and too few would be left") {
    REQUIRE(lab.api.set_state("collect", "b", "maint", {}));
    CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
    CHECK(lab.administrative() == 0);
  }
  SECTION("another is gone since the drain: back into the balance all the same") {
    REQUIRE(lab.apply(*plan).outcome == Applied::Done);
    REQUIRE(lab.api.set_state("collect", "b", "maint", {}));
    CHECK(lab.apply(lab.plan_undo(*plan).value()).outcome == Applied::Done);
    CHECK(lab.administrative() == 0);
  }
  SECTION("before the undo") {
    REQUIRE(lab.apply(*plan).outcome == Applied::Done);
    REQUIRE(lab.api.set_state("collect", "lab", "maint", {}));
    CHECK(lab.plan_undo(*plan).error().code == Errc::Conflict);
  }
  SECTION("nothing, since it was cancelled") {
    std::stop_source stop;
    stop.request_stop();
    CHECK(lab.apply(*plan, stop.get_token()).outcome != Applied::Done);
    CHECK(lab.administrative() == 0);
  }
}

TEST_CASE("haproxy_drain: no such server, backend or socket") {
  if (!installed()) return;
  Lab lab;
  CHECK(lab.api.servers("nowhere", {}).error().code == Errc::NotFound);
  const auto said = lab.api.set_state("collect", "nobody", "drain", {});
  REQUIRE_FALSE(said);
  CHECK(said.error().code == Errc::NotFound);
  CHECK(Haproxy("/nowhere.sock").servers("collect", {}).error().code == Errc::Unavailable);
}

}  // namespace fieldmedic
