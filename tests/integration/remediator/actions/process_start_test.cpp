// process_restart: its start, and that there is one.
#include <filesystem>

#include "remediator/actions/process_restart.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/own_child.hpp"
#include "tests/fakes/process_restart_lab.hpp"

namespace fieldmedic {

namespace {

using Lab = ProcessRestartLab;
using core::Applied;
using core::Confirmed;

}  // namespace

TEST_CASE("process_restart starts nothing twice when it crashed between apply and confirm") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.size() == 1);
  REQUIRE(lab.apply(*plan, 0).outcome == Applied::Done);
  const auto first = lab.living();
  for (int again = 0; again < 3; ++again) CHECK(lab.confirm(*plan, 0).answer == Confirmed::Applied);
  CHECK(lab.apply(*plan, 0).outcome == Applied::Done);
  const auto other = lab.apply(*plan, 0, own_attempt(2));
  CHECK(other.outcome == Applied::WorldDiffers);
  CHECK(lab.confirm(*plan, 0, own_attempt(2)).answer == Confirmed::NotApplied);
  REQUIRE(lab.living().size() == 1);
  CHECK(lab.living().front().identity == first.front().identity);
}

TEST_CASE("process_restart never starts a second instance") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  OwnChild other({lab.program(), "300"});
  REQUIRE(other.running);
  const auto started = lab.apply(*plan, 0);
  CHECK(started.outcome == Applied::WorldDiffers);
  CHECK(started.evidence.find(std::to_string(other.pid())) != std::string::npos);
  CHECK(lab.living().size() == 1);
  const auto confirmed = lab.confirm(*plan, 0);
  CHECK(confirmed.answer == Confirmed::NotApplied);
  CHECK(confirmed.evidence.find("not of this attempt") != std::string::npos);
}

TEST_CASE("process_restart says that a program is missing before it ends anything") {
  Lab lab;
  OwnChild old({lab.program(), "300"});
  REQUIRE(old.running);
  lab.collector.start = {(lab.tree.root / "missing").string()};
  const auto plan = lab.plan();
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code == Errc::NotFound);
  lab.collector.start = {};
  CHECK(lab.plan().error().code == Errc::NotFound);
}

TEST_CASE("process_restart refuses a start whose program was removed after the plan") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  std::filesystem::remove(lab.program());
  const auto started = lab.apply(*plan, 0);
  CHECK(started.outcome == Applied::Refused);
  CHECK(started.evidence.find("No such file") != std::string::npos);
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::NotApplied);
}

TEST_CASE("process_restart does not take a program that ends at once for started") {
  Lab lab;
  lab.collector.start = {lab.program(), "0"};
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  CHECK(lab.apply(*plan, 0).outcome != Applied::Refused);
  CHECK(eventually([&] { return lab.confirm(*plan, 0).answer == Confirmed::NotApplied; }));
}

TEST_CASE("process_restart is under way while its process does not match yet") {
  Lab lab;
  lab.collector.process.pid_file = (lab.tree.root / "orders.pid").string();
  lab.start_timeout_ms = 50;
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  CHECK(lab.apply(*plan, 0).outcome == Applied::Unknown);
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::InProgress);
  REQUIRE(lab.living().size() == 1);
  CHECK(lab.apply(*plan, 0).outcome == Applied::Unknown);
  CHECK(lab.living().size() == 1);
  lab.tree.write("orders.pid", std::to_string(lab.living().front().identity.pid));
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::Applied);
}

}  // namespace fieldmedic
