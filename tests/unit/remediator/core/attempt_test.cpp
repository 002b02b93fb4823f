// An attempt that does not go as planned (S1, S2), and restarts in the middle of it.
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

namespace {

void until_acting(Scenario& s, const Plan& plan) {
  s.fire();
  s.fail_checks(1);
  s.planned(1, plan);
  REQUIRE(s.phase(1) == Phase::Acting);
}

}  // namespace

TEST_CASE("an unknown outcome is looked up and never applied again") {
  Scenario s;
  until_acting(s, plan_of({"start"}));
  s.applied(1, Applied::Unknown);
  CHECK(s.released<Confirm>() != nullptr);
  CHECK(s.released<Apply>() == nullptr);
  SECTION("it was done") {
    s.confirmed(1);
    CHECK(s.phase(1) == Phase::Verifying);
  }
  SECTION("it was not") {
    s.confirmed(1, Confirmed::NotApplied);
    CHECK(s.state.find(1)->tier == 1);
  }
  SECTION("it cannot be told until its time is up") {
    s.confirmed(1, Confirmed::Unknown);
    CHECK(s.due<Confirm>() == s.now + 1s);
    const std::size_t before = s.events.size();
    s.wait(60s - 1ms);
    s.confirmed(1, Confirmed::Unknown);
    CHECK(s.events.size() == before);  // the same answer is not recorded again
    CHECK(s.phase(1) == Phase::Confirming);
    s.wait(1ms);
    s.confirmed(1, Confirmed::Unknown);
    CHECK(s.phase(1) == Phase::HandedOver);
    CHECK(s.reason(1) == "cannot be confirmed (unknown): confirm evidence");
  }
  CHECK(s.recorded<ApplyIntended>() == 1);
}

TEST_CASE("what cannot be confirmed is done at most once") {
  Plan plan = plan_of({"run script"});
  plan.steps[0].confirmable = Confirmable::AtMostOnce;
  Scenario s;
  until_acting(s, plan);
  SECTION("its own exit is the confirmation") {
    s.applied(1);
    CHECK(s.released<Confirm>() == nullptr);
    CHECK(s.phase(1) == Phase::Verifying);
  }
  SECTION("an exit that was not seen needs a person") {
    s.applied(1, Applied::Unknown);
    CHECK(s.phase(1) == Phase::HandedOver);
  }
  SECTION("no answer in time needs a person") {
    s.timer(1);
    CHECK(s.phase(1) == Phase::HandedOver);
    CHECK(s.released<CancelAttempt>() != nullptr);
  }
  SECTION("a crash in the middle needs a person") {
    s.restart();
    CHECK(s.phase(1) == Phase::HandedOver);
    CHECK(s.reason(1).find("(run script)") != std::string::npos);
    CHECK(s.released<Apply>() == nullptr);
    CHECK(s.released<Confirm>() == nullptr);
  }
}

TEST_CASE("after an outcome that nobody knows the next alert is a person's too") {
  Plan plan = plan_of({"run script"});
  plan.steps[0].confirmable = Confirmable::AtMostOnce;
  Scenario s;
  until_acting(s, plan);
  s.restart();
  REQUIRE(s.phase(1) == Phase::HandedOver);
  for (IncidentId id = 2; id <= 3; ++id) {
    s.wait(1min);
    s.occurrence = s.now;
    s.fire();
    CHECK(s.phase(id) == Phase::HandedOver);
    CHECK(s.reason(id).starts_with("what the last attempt of incident"));
  }
  CHECK(s.recorded<ApplyIntended>() == 1);
}

TEST_CASE("a late answer of an attempt that is over is recorded and nothing more") {
  Scenario s;
  until_acting(s, plan_of({"start"}));
  s.timer(1);  // no answer in time
  CHECK(s.phase(1) == Phase::Confirming);
  CHECK(s.released<CancelAttempt>() != nullptr);
  CHECK(s.released<Confirm>() != nullptr);
  s.give(ApplyDone{1, "journal1-1-1", 0, Applied::Done, "late"});
  CHECK(s.recorded<StaleResult>() == 1);
  CHECK(s.last.effects.empty());
  CHECK(s.phase(1) == Phase::Confirming);
}

TEST_CASE("a timer of an older round does nothing") {
  Scenario s;
  s.fire();
  const std::uint64_t old = s.state.find(1)->round;
  s.fail_checks(1);
  s.give(Timer{1, old});
  CHECK(s.last.events.empty());
  CHECK(s.last.effects.empty());
}

TEST_CASE("silence of the outside ends with a person in every phase that asks") {
  Scenario s;
  s.fire();
  SECTION("diagnosing") {
    s.timer(1);
  }
  SECTION("planning") {
    s.fail_checks(1);
    s.timer(1);
  }
  SECTION("confirming") {
    s.fail_checks(1);
    s.planned(1, plan_of({"start"}));
    s.applied(1);
    s.timer(1);
  }
  SECTION("verifying") {
    s.fail_checks(1);
    s.planned(1, plan_of({"start"}));
    s.applied(1);
    s.confirmed(1);
    s.timer(1);
  }
  CHECK(s.phase(1) == Phase::HandedOver);
}

// A record for each would keep a restart with a storm's incidents waiting for the disk.
TEST_CASE("a restart asks what was being diagnosed anew, and needs no record for it") {
  Scenario s;
  s.fire();
  const std::uint64_t before = s.state.find(1)->round;
  s.wait(1h);
  s.restart();
  CHECK(s.last.events.empty());
  const auto* asked = s.released<RunChecks>();
  REQUIRE(asked != nullptr);
  CHECK(asked->round == s.state.find(1)->round);
  CHECK(asked->round != before);  // what was asked before is stale
  CHECK(s.due<Wake>() == s.now + 120s + 10s + 60s);
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Planning);
}

TEST_CASE("a restart before the intent plans anew") {
  Scenario s;
  s.fire();
  s.fail_checks(1);
  s.restart();
  CHECK(s.phase(1) == Phase::Diagnosing);
  CHECK(s.released<RunChecks>() != nullptr);
  CHECK(s.released<Apply>() == nullptr);
}

TEST_CASE("a restart after the intent looks up what became of it") {
  Scenario s;
  until_acting(s, plan_of({"start"}));
  s.restart();
  CHECK(s.phase(1) == Phase::Confirming);
  REQUIRE(s.released<Confirm>() != nullptr);
  CHECK(s.released<Apply>() == nullptr);
  SECTION("it was done: no second one") {
    s.confirmed(1);
    CHECK(s.phase(1) == Phase::Verifying);
    CHECK(s.recorded<ApplyIntended>() == 1);
  }
  SECTION("it was not: checked and planned anew in the same tier") {
    s.confirmed(1, Confirmed::NotApplied);
    CHECK(s.phase(1) == Phase::Diagnosing);
    CHECK(s.state.find(1)->tier == 0);
    s.fail_checks(1);
    CHECK(s.released<MakePlan>()->attempt == "journal1-1-2");
  }
  SECTION("it healed meanwhile: nothing is repeated") {
    s.confirmed(1, Confirmed::NotApplied);
    s.pass_checks(1);
    s.wait(10s);
    s.pass_checks(1);
    CHECK(s.phase(1) == Phase::Recovered);
    CHECK(s.recorded<ApplyIntended>() == 1);
  }
  SECTION("it still runs: waited for") {
    s.confirmed(1, Confirmed::InProgress);
    CHECK(s.phase(1) == Phase::Confirming);
    CHECK(s.due<Confirm>() == s.now + 1s);
  }
}

TEST_CASE("a restart between two steps looks again instead of going on blindly") {
  Scenario s;
  until_acting(s, plan_of({"stop", "start"}));
  s.restart();
  s.confirmed(1);
  CHECK(s.phase(1) == Phase::Diagnosing);
  CHECK(s.released<Apply>() == nullptr);
}

TEST_CASE("a world that moved on between plan and apply is planned anew in the same tier") {
  Scenario s;
  until_acting(s, plan_of({"start"}));
  s.applied(1, Applied::WorldDiffers);
  CHECK(s.phase(1) == Phase::Diagnosing);
  CHECK(s.state.find(1)->tier == 0);
  CHECK(s.recorded<TierFailed>() == 0);
  SECTION("well by itself meanwhile: nothing more is done") {
    s.hold_and_recover(1);
    CHECK(s.phase(1) == Phase::Recovered);
  }
  SECTION("still sick: planned on what is there now, but not for ever") {
    s.playbook.limits.attempts = 100;
    for (int plans = 2; plans <= 4; ++plans) {
      s.fail_checks(1);
      CHECK(s.released<MakePlan>()->action.type == "process_restart");
      s.planned(1, plan_of({"start"}));
      s.applied(1, Applied::WorldDiffers);
    }
    CHECK(s.state.find(1)->tier == 1);
    CHECK(s.state.find(1)->reason ==
          "\"restart\" did not help: the world changed under each of its plans: apply evidence");
    s.fail_checks(1);
    s.planned(1, plan_of({"restart unit"}));
    s.applied(1, Applied::WorldDiffers);  // the next tier begins to count at zero
    CHECK(s.phase(1) == Phase::Diagnosing);
    CHECK(s.state.find(1)->tier == 1);
  }
}

TEST_CASE("while the machine slept nobody looked: a hold starts at zero") {
  Scenario s;
  s.act();
  s.pass_checks(1);
  s.wait(9s);
  const std::uint64_t before = s.state.find(1)->round;
  s.wait(1h);
  s.give(Slept{1h});
  CHECK(s.recorded<TimeLost>() == 1);
  REQUIRE(s.released<RunChecks>() != nullptr);
  CHECK(s.released<RunChecks>()->round != before);  // an answer from before counts no more
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Verifying);
  s.wait(10s - 1ms);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Verifying);
  s.wait(1ms);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Recovered);
}

TEST_CASE("a diagnosis that the machine slept through is asked anew") {
  Scenario s;
  s.fire();
  s.wait(1h);
  s.give(Slept{1h});
  CHECK(s.released<RunChecks>() != nullptr);
  s.checks(1, Verdict::Unknown, Verdict::Unknown);
  CHECK(s.phase(1) == Phase::Diagnosing);  // its time has only begun
}

TEST_CASE("after a restart a hold starts at zero") {
  Scenario s;
  s.act();
  s.pass_checks(1);
  s.wait(9s);
  s.restart();
  s.wait(1s);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Verifying);
  s.wait(10s);
  s.pass_checks(1);
  CHECK(s.phase(1) == Phase::Recovered);
}

TEST_CASE("logical time never goes back") {
  Scenario s;
  s.fire();
  s.now -= 1h;
  s.fail_checks(1);
  CHECK(s.events.back().at == s.events[s.events.size() - 2].at);
}
