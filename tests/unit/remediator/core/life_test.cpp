// The life of an incident, from its first alert to its proven end.
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

TEST_CASE("an alert is diagnosed before anything is done") {
  Scenario s;
  s.fire();
  CHECK(s.phase(1) == Phase::Diagnosing);
  REQUIRE(s.released<RunChecks>() != nullptr);
  CHECK(s.released<RunChecks>()->until == RunChecks::Until::FirstFail);
  CHECK(s.released<MakePlan>() == nullptr);
  CHECK(s.recorded<ApplyIntended>() == 0);
}

TEST_CASE("a failing check leads by plan and intent to apply confirm verify and recovery") {
  Scenario s;
  s.fire();
  s.fail_checks(1);
  REQUIRE(s.released<MakePlan>() != nullptr);
  CHECK(s.released<MakePlan>()->attempt == "journal1-1-1");
  s.planned(1, plan_of({"stop", "start"}));
  REQUIRE(s.released<Apply>() != nullptr);
  CHECK(s.released<Apply>()->step == 0);
  CHECK(std::holds_alternative<ApplyIntended>(s.last.events.back().payload));
  s.applied(1);
  REQUIRE(s.released<Confirm>() != nullptr);
  s.confirmed(1);
  REQUIRE(s.released<Apply>() != nullptr);
  CHECK(s.released<Apply>()->step == 1);
  s.applied(1);
  s.confirmed(1);
  CHECK(s.phase(1) == Phase::Verifying);
  CHECK(s.released<RunChecks>()->until == RunChecks::Until::AllAnswer);

  s.pass_checks(1);
  s.wait(10s - 1ms);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Verifying);  // one millisecond short of the hold
  s.wait(1ms);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Recovered);
  CHECK(s.recorded<MessageQueued>() == 2);  // one a channel
  CHECK(s.state.outbox.size() == 2);
}

TEST_CASE("a check that fails during the hold starts the hold again") {
  Scenario s;
  s.act();
  s.pass_checks(1);
  s.wait(9s);
  s.checks(1, Verdict::Pass, Verdict::Fail);
  s.wait(1s);
  s.pass_checks(1);
  s.wait(9s);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Verifying);
  s.wait(1s);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Recovered);
}

TEST_CASE("an unchanged answer of the checks is not recorded again") {
  Scenario s;
  s.act();
  s.pass_checks(1);
  const std::size_t before = s.events.size();
  s.wait(1s);
  s.pass_checks(1);
  CHECK(s.events.size() == before);
  CHECK(s.released<RunChecks>() != nullptr);
}

TEST_CASE("unknown is never a reason to act and ends with a person") {
  Scenario s;
  s.fire();
  s.checks(1, Verdict::Unknown, Verdict::Pass);
  CHECK(s.phase(1) == Phase::Diagnosing);
  s.wait(120s - 1ms);
  s.checks(1, Verdict::Unknown, Verdict::Pass);
  CHECK(s.phase(1) == Phase::Diagnosing);
  s.wait(1ms);
  s.checks(1, Verdict::Unknown, Verdict::Pass);
  CHECK(s.phase(1) == Phase::HandedOver);
  CHECK(s.reason(1) == "cannot tell whether it is sick: process: evidence 1");
  CHECK(s.recorded<PlanRequested>() == 0);
}

TEST_CASE("well and resolved before anything was done is cancelled") {
  Scenario s;
  s.fire();
  s.pass_checks(1);
  s.resolve();
  s.wait(10s);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Cancelled);
  CHECK(s.state.outbox.empty());
}

TEST_CASE("passing checks under an alert that keeps firing are handed over not repaired") {
  Scenario s;
  s.fire();
  s.pass_checks(1);
  s.wait(119s);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Diagnosing);
  s.wait(1s);
  s.pass_checks(1);
  REQUIRE(s.released<AskAlerts>() != nullptr);
  const std::uint64_t round = s.released<AskAlerts>()->round;
  SECTION("and Alertmanager has it still") {
    s.give(AlertsAsked{1, round, std::vector{s.alert().alert.key}});
    CHECK(s.phase(1) == Phase::HandedOver);
  }
  SECTION("or whether it does cannot be told") {
    s.give(AlertsAsked{1, round, fieldmedic::fail(fieldmedic::Errc::Unavailable, "refused")});
    CHECK(s.phase(1) == Phase::HandedOver);
  }
  SECTION("unless only its end was lost") {
    s.give(AlertsAsked{1, round, std::vector{s.alert("h2").alert.key}});
    CHECK(s.phase(1) == Phase::Cancelled);
  }
  SECTION("an answer to an older question is none") {
    s.give(AlertsAsked{1, round - 1, std::vector<AlertKey>{}});
    CHECK(s.phase(1) == Phase::Diagnosing);
  }
  CHECK(s.recorded<PlanRequested>() == 0);
}

TEST_CASE("passing checks under an alert are handed over where nobody can be asked about it") {
  Scenario s;
  s.policy.alertmanager_known = false;
  s.fire();
  s.pass_checks(1);
  s.wait(120s);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::HandedOver);
}

TEST_CASE("a tier that does not help gives way to the next and the last one to a person") {
  Scenario s;
  s.act();
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Verifying);
  s.wait(120s);
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Diagnosing);
  CHECK(s.state.find(1)->tier == 1);
  s.fail_checks(1);
  CHECK(s.released<MakePlan>()->action.type == "systemd_restart");
  s.planned(1, plan_of({"restart unit"}));
  s.applied(1, Applied::Refused);
  CHECK(s.phase(1) == Phase::HandedOver);
  CHECK(s.reason(1) == "no remedy left; the last, \"unit\": apply evidence");
  CHECK(s.recorded<MessageQueued>() == 2);
}

TEST_CASE("unknown after the repair is handed over when its time is up") {
  Scenario s;
  s.act();
  s.wait(120s);
  s.checks(1, Verdict::Pass, Verdict::Unknown);
  CHECK(s.phase(1) == Phase::HandedOver);
  CHECK(s.reason(1) == "cannot tell whether it is well again: port: evidence 2");
}

TEST_CASE("a plan that cannot be made advances the ladder and one that cannot be read waits") {
  Scenario s;
  s.fire();
  s.fail_checks(1);
  s.planned(1, fail(Errc::Unavailable, "no bus"));
  CHECK(s.phase(1) == Phase::Waiting);
  CHECK(s.state.find(1)->tier == 0);
  s.wait(5s);
  s.timer(1);
  s.fail_checks(1);
  s.planned(1, fail(Errc::Conflict, "a service manager owns it"));
  CHECK(s.phase(1) == Phase::Diagnosing);
  CHECK(s.state.find(1)->tier == 1);
  CHECK(s.recorded<ApplyIntended>() == 0);
}

TEST_CASE("an empty plan is not an action") {
  Scenario s;
  s.fire();
  s.fail_checks(1);
  s.planned(1, plan_of({}));
  CHECK(s.state.find(1)->tier == 1);
  CHECK(s.recorded<ApplyIntended>() == 0);
}

TEST_CASE("a dry run plans and records and applies nothing") {
  Scenario s;
  s.playbook.mode = Mode::DryRun;
  s.fire();
  s.fail_checks(1);
  s.planned(1, plan_of({"start"}));
  CHECK(s.phase(1) == Phase::HandedOver);
  CHECK(s.reason(1) == "dry run, nothing was changed; would restart orders");
  CHECK(s.recorded<ApplyIntended>() == 0);
  CHECK(s.released<Apply>() == nullptr);
}
