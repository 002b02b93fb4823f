// How many may be sick, how many must be left (S9); what cannot be told says no.
#include "tests/catch.hpp"
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic::core;
using fieldmedic::Errc;
using fieldmedic::fail;
using fieldmedic::Result;

namespace {

GroupHealth well(std::set<std::string> hosts) {
  GroupHealth health;
  health.samples = 10;
  health.well["orders"] = std::move(hosts);
  return health;
}

// Brings the first incident to its plan, which takes h1 away as `resource` says.
std::string refused_by(Scenario& s, const std::optional<Result<GroupHealth>>& health,
                       const std::string& resource = "host/h1/process/orders") {
  s.fire();
  s.fail_checks(1);
  s.give(Planned{1, s.state.find(1)->attempt->id, plan_of({"start"}, resource), "", health});
  return s.state.find(1)->refused_by;
}

}  // namespace

TEST_CASE("a guard that wants to know the group's health does not act on unknown") {
  Scenario s;
  s.policy.guards.min_healthy = Share{Share::Kind::Percent, 50};
  SECTION("not asked") {
    CHECK(refused_by(s, std::nullopt) == "min_healthy");
  }
  SECTION("not answered") {
    CHECK(refused_by(s, fail(Errc::Unavailable, "refused")) == "min_healthy");
    CHECK(s.state.find(1)->reason == "how the group is cannot be told: refused");
  }
  SECTION("no sample of the group") {
    CHECK(refused_by(s, GroupHealth{}) == "min_healthy");
  }
  CHECK(s.released<Apply>() == nullptr);
  CHECK(s.due<Wake>() > s.now);  // asked again
}

TEST_CASE("without such a guard nothing needs to be known") {
  Scenario s;
  CHECK(refused_by(s, std::nullopt).empty());
  CHECK(s.phase(1) == Phase::Acting);
}

TEST_CASE("an action leaves enough well members") {
  Scenario s;
  s.policy.guards.min_healthy = Share{Share::Kind::Count, 2};
  SECTION("a sick one is taken away from none") {
    CHECK(refused_by(s, well({"h2"})).empty());
  }
  SECTION("a well one is") {
    CHECK(refused_by(s, well({"h1", "h2"})) == "min_healthy");
  }
  SECTION("and enough are left") {
    CHECK(refused_by(s, well({"h1", "h2", "h3"})).empty());
  }
  SECTION("a whole host takes its other collectors with it") {
    GroupHealth health = well({"h2", "h3"});
    health.well["archive"] = {"h1", "h2"};
    CHECK(refused_by(s, health, "host/h1") == "min_healthy");
  }
}

TEST_CASE("a share of what must be left is rounded up, of the inventory's size") {
  Scenario s;
  s.policy.group_sizes["g"] = 3;
  s.policy.guards.min_healthy = Share{Share::Kind::Percent, 60};  // 2 of 3
  SECTION("2 left") {
    CHECK(refused_by(s, well({"h1", "h2", "h3"})).empty());
  }
  SECTION("1 left") {
    CHECK(refused_by(s, well({"h1", "h2"})) == "min_healthy");
  }
}

TEST_CASE("more sick members than a fault of one explains are a storm") {
  Scenario s;
  s.policy.group_sizes["g"] = 4;
  s.policy.guards.max_unhealthy = Share{Share::Kind::Percent, 50};
  SECTION("half of them") {
    CHECK(refused_by(s, well({"h2", "h3"})).empty());
  }
  SECTION("one more; a member without a sample is sick") {
    CHECK(refused_by(s, well({"h2"})) == "max_unhealthy");
  }
}
