// Tiers with conditions: what an incident knows, and how its ladder goes on without them.
#include "remediator/core/tier_condition.hpp"

#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

namespace {

Incident sample_incident(Verdict process, Verdict port, Verdict second_port) {
  Playbook playbook = two_tiers();
  playbook.verify.checks.push_back({{"port", "{}"}, 10s});
  Incident incident;
  incident.playbook = std::make_shared<const Playbook>(playbook);
  incident.labels = LabelMap{{"zone", "north"}, {"empty", ""}};
  incident.alerts[{"am", "1", Time{}}] = {AlertStatus::Firing, "CollectorDown"};
  incident.alerts[{"am", "2", Time{}}] = {AlertStatus::Resolved, "DiskFull"};
  incident.checks = {{{process, ""}, {}}, {{port, ""}, {}}, {{second_port, ""}, {}}};
  return incident;
}

Truth holds(const std::string& when, const Incident& incident) {
  Tier tier;
  tier.when = when;
  return applicability(tier, incident).truth;
}

}  // namespace

TEST_CASE("when: labels, checks and alerts as the incident has them") {
  using enum Verdict;
  struct Case {
    const char* when;
    Truth want;
  };
  const Case cases[] = {
      {"", Truth::Yes},
      {"labels.zone == north", Truth::Yes},
      {"labels.zone == south", Truth::No},
      {"labels.zone in (south, north)", Truth::Yes},
      {"labels.zone != south", Truth::Yes},
      {"labels.empty == \"\"", Truth::Yes},
      {"labels.rack == r1", Truth::Unknown},
      {"labels.rack != r1", Truth::Unknown},
      {"alert == CollectorDown", Truth::Yes},
      {"alert == DiskFull", Truth::No},  // resolved
      {"alert != DiskFull", Truth::Yes},
      {"alert == Other", Truth::No},
      {"check.process == fail", Truth::Yes},
      {"check.process == pass", Truth::No},
      {"check.port == pass", Truth::Unknown},  // one of the two has not answered
      {"check.http == pass", Truth::Unknown},  // there is none
      {"this is none", Truth::Unknown},
  };
  const Incident incident = sample_incident(Fail, Pass, Unknown);
  for (const Case& each : cases) {
    INFO(each.when);
    CHECK(holds(each.when, incident) == each.want);
  }
  CHECK(holds("check.port == fail", sample_incident(Pass, Unknown, Fail)) == Truth::Yes);
  CHECK(holds("check.port == pass", sample_incident(Fail, Pass, Pass)) == Truth::Yes);
  Incident unasked = incident;
  unasked.checks.clear();
  CHECK(holds("check.process == fail", unasked) == Truth::Unknown);
}

TEST_CASE("when: the reason names what is not known and no value of a label") {
  Tier tier;
  tier.when = "labels.rack == r1 and check.port == pass and labels.zone == north";
  const Applicability found =
      applicability(tier, sample_incident(Verdict::Fail, Verdict::Pass, Verdict::Unknown));
  CHECK(found.truth == Truth::Unknown);
  CHECK(found.may_be_told);
  CHECK(found.why == "whether its condition holds cannot be told: " + tier.when +
                         " (not known: labels.rack, check.port)");
  tier.when = "labels.rack == r1";
  CHECK_FALSE(applicability(tier, sample_incident(Verdict::Fail, Verdict::Pass, Verdict::Unknown))
                  .may_be_told);
}

TEST_CASE("when: a tier that does not apply is left out, told why, and is no failure") {
  Scenario s;
  s.playbook.tiers[0].when = "labels.host == h2";
  s.policy.guards.breaker = {1, 1, 1h};
  s.fire();
  s.fail_checks(1);
  REQUIRE(s.released<MakePlan>() != nullptr);
  CHECK(s.released<MakePlan>()->action.type == "systemd_restart");
  CHECK(s.recorded<TierSkipped>() == 1);
  CHECK(s.recorded<TierFailed>() == 0);
  CHECK(s.state.breakers.empty());
  CHECK(s.state.find(1)->tier == 1);
}

TEST_CASE("when: no tier left to apply goes to a person") {
  Scenario s;
  s.playbook.tiers[0].when = "alert == Other";
  s.playbook.tiers[1].when = "labels.rack == r1";
  s.fire();
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::HandedOver);
  CHECK(s.reason(1) ==
        "no remedy left; the last, \"unit\", was left out: whether its condition holds cannot be "
        "told: labels.rack == r1 (not known: labels.rack)");
  CHECK(s.recorded<TierSkipped>() == 2);
  CHECK(s.recorded<PlanRequested>() == 0);
  CHECK(s.recorded<MessageQueued>() == 2);
}

TEST_CASE(
    "when: checks named by a condition are all asked, and waited for before a tier is left out") {
  Scenario s;
  s.playbook.tiers[0].when = "check.port == fail";
  s.fire();
  CHECK(s.released<RunChecks>()->until == RunChecks::Until::AllAnswer);
  s.checks(1, Verdict::Fail, Verdict::Unknown);
  CHECK(s.phase(1) == Phase::Diagnosing);
  SECTION("until it answers") {
    s.wait(1s);
    s.checks(1, Verdict::Fail, Verdict::Fail);
    CHECK(s.state.find(1)->tier == 0);
    CHECK(s.released<MakePlan>()->action.type == "process_restart");
  }
  SECTION("or the time is up") {
    s.wait(120s - 1ms);
    s.checks(1, Verdict::Fail, Verdict::Unknown);
    CHECK(s.phase(1) == Phase::Diagnosing);
    s.wait(1ms);
    s.checks(1, Verdict::Fail, Verdict::Unknown);
    CHECK(s.released<MakePlan>()->action.type == "systemd_restart");
    CHECK(std::get<TierSkipped>(s.last.events.front().payload).holds == Truth::Unknown);
  }
}

TEST_CASE("when: a second alert on the target is evidence too") {
  Scenario s;
  s.playbook.tiers[0].when = "alert == DiskFull";
  s.fire();
  RoutedAlert second = s.alert();
  second.alert.key.fingerprint = "fp-disk";
  second.alert.labels["alertname"] = "DiskFull";
  s.give(AlertBatch{{second}, {}});
  s.fail_checks(1);
  CHECK(s.released<MakePlan>()->action.type == "process_restart");
}

TEST_CASE("when: an approval given for a tier that applies no more is not used for the next") {
  Scenario s;
  s.playbook.tiers[0].when = "alert == DiskFull";
  s.playbook.tiers[0].approval = Approval{};
  s.playbook.tiers[1].approval = Approval{};
  RoutedAlert disk = s.alert();
  disk.alert.key.fingerprint = "fp-disk";
  disk.alert.labels["alertname"] = "DiskFull";
  s.fire();
  s.give(AlertBatch{{disk}, {}});
  s.fail_checks(1);
  s.planned(1, plan_of({"start"}), "hash");
  REQUIRE(s.phase(1) == Phase::Approving);
  s.give(Approve{1, "hash", "alice", Role::Admin});
  disk.alert.status = AlertStatus::Resolved;
  s.give(AlertBatch{{disk}, {}});
  s.fail_checks(1);
  s.planned(1, plan_of({"start"}), "hash");
  CHECK(s.state.find(1)->tier == 1);
  CHECK(s.phase(1) == Phase::Approving);
}
