// What people hold and what repairs that do not help hold (S11, S12).
#include "remediator/core/scope.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic::core;
using fieldmedic::Errc;

namespace {

std::string guard_of(const Scenario& s, IncidentId id) {
  const Incident* incident = s.state.find(id);
  return incident == nullptr ? std::string() : incident->refused_by;
}

// One target's ladder, of which the first tier does not help.
void fail_verification(Scenario& s, const std::string& host) {
  s.policy.targets.insert("collector/orders@" + host);
  s.act(host);
  const IncidentId id = s.state.last_incident;
  s.fail_checks(id);
  s.wait(121s);
  s.fail_checks(id);
}

}  // namespace

TEST_CASE("whatever a scope covers is not planned while it is paused") {
  for (const char* scope : {"all", "group/g", "host/h1", "playbook/collector-down", "incident/1"}) {
    DYNAMIC_SECTION(scope) {
      Scenario s;
      s.give(Pause{scope, "alice", "release"});
      REQUIRE(s.last.verdict);
      CHECK(s.last.verdict->has_value());
      s.fire();
      s.fail_checks(1);
      CHECK(s.phase(1) == Phase::Waiting);
      CHECK(guard_of(s, 1) == "paused");
      CHECK(s.state.find(1)->reason == std::string(scope) + " is paused by alice: release");
      s.restart();
      s.fail_checks(1);
      CHECK(guard_of(s, 1) == "paused");
      s.give(Unpause{scope, "alice", ""});
      CHECK(s.phase(1) == Phase::Diagnosing);  // looked at again, not let loose
      s.fail_checks(1);
      CHECK(s.phase(1) == Phase::Planning);
    }
  }
}

TEST_CASE("a pause elsewhere holds nothing here") {
  Scenario s;
  s.give(Pause{"host/h2", "alice", ""});
  s.fire();
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Planning);
}

TEST_CASE("a pause that comes between plan and apply is heeded") {
  Scenario s;
  s.fire();
  s.fail_checks(1);
  s.give(Pause{"all", "alice", ""});
  s.planned(1, plan_of({"start"}));
  CHECK(s.released<Apply>() == nullptr);
  CHECK(guard_of(s, 1) == "paused");
}

TEST_CASE("the kill switch holds everything until it is off") {
  Scenario s;
  s.policy.kill_switch = true;
  s.fire();
  s.fail_checks(1);
  CHECK(guard_of(s, 1) == "paused");
  s.policy.kill_switch = false;
  s.wait(1min);
  s.timer(1);
  CHECK(s.phase(1) == Phase::Diagnosing);
}

TEST_CASE("orders that do not fit are refused with the reason") {
  Scenario s;
  s.give(Pause{"everything", "alice", ""});
  CHECK(s.last.verdict->error().code == Errc::Invalid);
  s.give(Unpause{"all", "alice", ""});
  CHECK(s.last.verdict->error().code == Errc::Conflict);
  s.give(Pause{"all", "alice", ""});
  s.give(Pause{"all", "bob", ""});
  CHECK(s.last.verdict->error().code == Errc::Conflict);
  s.give(CloseBreaker{"all", "alice", ""});
  CHECK(s.last.verdict->error().code == Errc::Conflict);
  s.give(CancelIncident{7, "alice", ""});
  CHECK(s.last.verdict->error().code == Errc::NotFound);
  CHECK(s.last.events.empty());
}

TEST_CASE("a cancelled incident ends at once and what runs is told to stop") {
  Scenario s;
  s.fire();
  s.fail_checks(1);
  s.planned(1, plan_of({"start"}));
  s.give(CancelIncident{1, "alice", "mended by hand"});
  CHECK(s.last.verdict->has_value());
  CHECK(s.phase(1) == Phase::Cancelled);
  CHECK(s.reason(1) == "by alice: mended by hand");
  CHECK(s.released<CancelAttempt>() != nullptr);
  // What the attempt did is not known, so the same fault soon after is a person's.
  s.occurrence += 60s;
  s.fire();
  CHECK(s.phase(2) == Phase::HandedOver);
}

TEST_CASE("a repair that does not help on three targets is held back until a person closes") {
  Scenario s;
  s.policy.guards.in_flight_group = {Share::Kind::Count, 100};
  const std::string scope = "playbook/collector-down/group/g";
  fail_verification(s, "h1");
  fail_verification(s, "h1x");
  CHECK(s.recorded<BreakerOpened>() == 0);
  fail_verification(s, "h2");
  REQUIRE(s.recorded<BreakerOpened>() == 1);
  CHECK(s.state.breakers.at(scope).open);
  CHECK_FALSE(s.state.breakers.at("all").open);
  s.fail_checks(3);
  CHECK(guard_of(s, 3) == "breaker");
  s.restart();
  s.fail_checks(3);
  CHECK(guard_of(s, 3) == "breaker");
  s.give(CloseBreaker{scope, "alice", "cable mended"});
  CHECK(s.last.verdict->has_value());
  CHECK(s.phase(3) == Phase::Diagnosing);
  s.fail_checks(3);
  CHECK(s.phase(3) == Phase::Planning);
}

TEST_CASE("the breaker counts distinct targets and forgets") {
  Scenario s;
  s.policy.guards.in_flight_group = {Share::Kind::Count, 100};
  s.policy.guards.breaker.targets = 2;
  SECTION("one target twice is one") {
    s.playbook.limits.attempts = 100;
    fail_verification(s, "h1");
    s.fail_checks(1);
    s.planned(1, plan_of({"unit"}));
    s.applied(1);
    s.confirmed(1);
    s.fail_checks(1);
    s.wait(121s);
    s.fail_checks(1);
    CHECK(s.recorded<TierFailed>() == 2);
    CHECK(s.recorded<BreakerOpened>() == 0);
  }
  SECTION("what is older than its window does not count") {
    fail_verification(s, "h1");
    s.wait(1h);
    fail_verification(s, "h2");
    CHECK(s.recorded<BreakerOpened>() == 0);
  }
}

TEST_CASE("what the remediator stands on is not touched as a whole") {
  Scenario s;
  s.policy.protected_hosts = {"h1"};
  s.fire();
  s.fail_checks(1);
  SECTION("a part of it is") {
    s.planned(1, plan_of({"start"}));
    CHECK(s.phase(1) == Phase::Acting);
  }
  SECTION("the host itself is not") {
    s.planned(1, plan_of({"reboot"}, "host/h1"));
    CHECK(s.phase(1) == Phase::HandedOver);
    CHECK(s.recorded<GuardRefused>() == 1);
  }
}

TEST_CASE("a scope is one of the known kinds with a plain name") {
  for (const char* good : {"all", "group/g-1", "host/sh_01.lan", "playbook/x", "incident/17"})
    CHECK(is_scope(good));
  for (const char* bad : {"", "al", "host/", "host", "zone/x", "host/a/b", "host/a b", "host/a\n"})
    CHECK_FALSE(is_scope(bad));
  CHECK_FALSE(is_scope("host/" + std::string(200, 'x')));
}
