// A wider incident adopts the narrower ones: they wait, and are looked at anew when it ends.
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

namespace {

// Two hosts of ten make a cluster; its playbook has one remedy.
struct Fleet : Scenario {
  Fleet() {
    Playbook whole = two_tiers();
    whole.name = "group-fault";
    whole.tiers = {{"failover", {"exec", "{}"}, 30s}};
    policy.scopes["g"] = {ClusterRule{{Share::Kind::Count, 2}, 300s}, std::nullopt,
                          std::make_shared<const Playbook>(whole)};
    policy.playbooks[whole.name] = {whole.mode, whole.limits, whole.receivers, {}};
    policy.targets.insert("group/g");
    policy.guards.in_flight_host = policy.guards.in_flight_group = {Share::Kind::Count, 9};
  }
  void watch_only() {
    Playbook whole = *policy.scopes["g"].playbook;
    whole.tiers.clear();
    policy.scopes["g"].playbook = std::make_shared<const Playbook>(whole);
  }
  [[nodiscard]] IncidentId owner(IncidentId id) const { return state.find(id)->adopted_by; }
  [[nodiscard]] bool suspended(IncidentId id) const { return phase(id) == Phase::Suspended; }
};

void depends(Policy& policy, const std::string& below, const std::string& above) {
  policy.upstream[below] = {above};
  policy.downstream[above] = {below};
}

}  // namespace

TEST_CASE("scope: so many members make one incident of the group, which adopts them") {
  Fleet s;
  s.fire("h1");
  CHECK(s.state.open.size() == 1);
  s.fail_checks(1);  // the first one plans already
  s.fire("h2");
  REQUIRE(s.state.open.size() == 3);
  CHECK(key_of(s.state.find(3)->target) == "group/g");
  CHECK(s.state.find(3)->fault == Fault::Cluster);
  CHECK(s.state.find(3)->reason == "2 of 10 hosts failed within 300 s");
  CHECK(s.phase(3) == Phase::Diagnosing);
  CHECK(s.suspended(1));
  CHECK(s.suspended(2));
  CHECK(s.owner(1) == 3);
  CHECK(s.released<CancelAttempt>()->attempt == "journal1-1-1");
  CHECK(s.recorded<MessageQueued>() == 2);  // people hear of it, by both channels
  const auto stale = s.give(Planned{1, "journal1-1-1", plan_of({"start"}), ""});
  CHECK(std::holds_alternative<StaleResult>(stale.events.at(0).payload));
  CHECK(s.recorded<ApplyIntended>() == 0);
}

TEST_CASE("scope: what comes while the group's incident is open waits at once") {
  Fleet s;
  s.fire("h1");
  s.fire("h2");
  s.policy.targets.insert("collector/orders@h3");
  s.fire("h3");
  CHECK(s.state.last_incident == 4);
  CHECK(s.suspended(4));
  CHECK(s.released<RunChecks>() == nullptr);
}

TEST_CASE("scope: they are looked at anew when it ends, however it ends") {
  Fleet s;
  s.fire("h1");
  s.fire("h2");
  SECTION("recovered") {
    s.fail_checks(3);
    s.planned(3, plan_of({"failover"}, "group/g"));
    s.applied(3);
    s.confirmed(3);
    s.hold_and_recover(3);
    CHECK(s.phase(3) == Phase::Recovered);
  }
  SECTION("handed over") {
    s.fail_checks(3);
    s.planned(3, fail(Errc::NotFound, "no such program"));
    CHECK(s.phase(3) == Phase::HandedOver);
  }
  SECTION("by a person") {
    s.give(CancelIncident{3, "alice", ""});
  }
  CHECK(s.phase(1) == Phase::Diagnosing);
  CHECK(s.phase(2) == Phase::Diagnosing);
  CHECK(s.owner(1) == 0);
  s.fail_checks(1);
  s.planned(1, plan_of({"start"}));
  CHECK(s.phase(1) == Phase::Acting);
}

TEST_CASE("scope: a step that runs is let finish, and nothing after it starts") {
  Fleet s;
  s.fire("h1");
  s.fail_checks(1);
  s.planned(1, plan_of({"stop", "start"}));
  s.fire("h2");
  CHECK(s.phase(1) == Phase::Acting);
  CHECK(s.released<CancelAttempt>() == nullptr);
  s.applied(1);
  s.confirmed(1);
  CHECK(s.suspended(1));
  CHECK(s.owner(1) == 3);
  CHECK(s.recorded<ApplyIntended>() == 1);
  CHECK(s.state.under_repair.fleet() == 0);
}

TEST_CASE("scope: what was being verified waits, and its remedy is not blamed") {
  Fleet s;
  s.act("h1");
  s.fire("h2");
  CHECK(s.suspended(1));
  s.wait(200s);
  s.give(CancelIncident{3, "alice", ""});
  CHECK(s.state.find(1)->tier == 0);
  CHECK(s.recorded<TierFailed>() == 0);
}

TEST_CASE("scope: the same members do not make another one after it has ended") {
  Fleet s;
  s.fire("h1");
  s.fire("h2");
  s.wait(1s);
  s.give(CancelIncident{3, "alice", ""});
  s.wait(1s);
  s.policy.targets.insert("collector/orders@h3");
  s.policy.targets.insert("collector/orders@h4");
  s.fire("h3");
  CHECK(s.state.open.size() == 3);
  s.fire("h4");  // two new ones do
  CHECK(s.state.open.size() == 5);
  CHECK(s.suspended(1));
}

TEST_CASE("scope: without a remedy it is watched until it is well, or a person's turn comes") {
  Fleet s;
  s.watch_only();
  s.fire("h1");
  s.fire("h2");
  s.fail_checks(3);
  CHECK(s.phase(3) == Phase::Diagnosing);
  s.wait(120s);
  s.fail_checks(3);  // asked anew, with a timer of its own
  CHECK(s.phase(3) == Phase::Diagnosing);
  CHECK(s.released<Wake>() != nullptr);
  SECTION("well") {
    s.hold_and_recover(3);
    CHECK(s.phase(3) == Phase::Cancelled);
  }
  SECTION("it lasts") {
    s.wait(28min - 1ms);
    s.fail_checks(3);
    CHECK(s.phase(3) == Phase::Diagnosing);
    s.wait(1ms);
    s.fail_checks(3);
    CHECK(s.phase(3) == Phase::HandedOver);
  }
  CHECK(s.phase(1) == Phase::Diagnosing);
  CHECK(s.recorded<PlanRequested>() == 0);
}

TEST_CASE(
    "scope: an alert on the group is an incident of it, and adopts only where scope is declared") {
  Fleet s;
  RoutedAlert whole = s.alert();
  whole.target = {TargetKind::Group, "", "", "g"};
  whole.alert.key.fingerprint = "fp-g";
  whole.playbook = s.policy.scopes["g"].playbook;
  s.fire("h1");
  SECTION("declared") {
    s.give(AlertBatch{{whole}, {}});
    CHECK(s.state.find(2)->fault == Fault::Cluster);
    CHECK(s.suspended(1));
  }
  SECTION("not declared") {
    s.policy.scopes.clear();
    s.give(AlertBatch{{whole}, {}});
    CHECK(s.phase(1) == Phase::Diagnosing);
  }
}

TEST_CASE("scope: what depends on a sick target waits for it") {
  Scenario s;
  depends(s.policy, "collector/orders@h1", "collector/archive@h1");
  RoutedAlert above = s.alert();
  above.target.name = "archive";
  above.alert.key.fingerprint = "fp-archive";
  SECTION("whichever falls first") {
    s.give(AlertBatch{{above}, {}});
    s.fire("h1");
    CHECK(s.state.find(2)->adopted_by == 1);
    s.give(CancelIncident{1, "alice", ""});
    CHECK(s.phase(2) == Phase::Diagnosing);
  }
  SECTION("and the other way round") {
    s.fire("h1");
    s.give(AlertBatch{{above}, {}});
    CHECK(s.state.find(1)->adopted_by == 2);
    CHECK(s.phase(2) == Phase::Diagnosing);
  }
  SECTION("on its own host only") {
    s.give(AlertBatch{{above}, {}});
    s.fire("h2");
    CHECK(s.phase(2) == Phase::Diagnosing);
  }
  SECTION("by way of what has no incident") {
    depends(s.policy, "collector/archive@h2", "collector/orders@h1");
    s.give(AlertBatch{{above}, {}});
    RoutedAlert far = s.alert("h2");
    far.target.name = "archive";
    s.give(AlertBatch{{far}, {}});
    CHECK(s.state.find(2)->adopted_by == 1);
  }
}

TEST_CASE("scope: released by the group, it waits for what it depends on") {
  Fleet s;
  depends(s.policy, "collector/orders@h1", "collector/orders@h2");
  s.fire("h1");
  s.fire("h2");
  CHECK(s.owner(1) == 3);
  s.give(CancelIncident{3, "alice", ""});
  CHECK(s.owner(1) == 2);
  CHECK(s.suspended(1));
  CHECK(s.phase(2) == Phase::Diagnosing);
}

TEST_CASE(
    "scope: a restart keeps what waits waiting, and lets it go when nothing owns it any more") {
  Fleet s;
  s.fire("h1");
  s.fire("h2");
  s.restart();
  CHECK(s.suspended(1));
  CHECK(s.released<Wake>() != nullptr);
  s.policy.scopes.clear();
  SECTION("after another restart") {
    s.restart();
    CHECK(s.phase(1) == Phase::Diagnosing);
  }
  SECTION("or by its timer") {
    s.wait(300s);
    s.timer(1);
    CHECK(s.phase(1) == Phase::Diagnosing);
  }
}

TEST_CASE("scope: what waited has all its patience afterwards") {
  Fleet s;
  s.give(Pause{"host/h1", "bob", ""});
  s.fire("h1");
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Waiting);
  s.fire("h2");
  CHECK(s.suspended(1));
  s.wait(2h);
  s.timer(1);
  CHECK(s.suspended(1));
  s.give(CancelIncident{3, "alice", ""});
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Waiting);  // its wait begins anew
}
