// Which alerts open, join or change nothing (S5, S6).
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

TEST_CASE("the same alert twice is one incident and one action") {
  Scenario s;
  s.give(AlertBatch{{s.alert(), s.alert()}, {}});
  s.fire();
  CHECK(s.recorded<IncidentOpened>() == 1);
  CHECK(s.recorded<AlertReceived>() == 1);
  CHECK(s.last.events.empty());
}

TEST_CASE("two alerts on one target are one incident") {
  Scenario s;
  auto other = s.alert();
  other.alert.key.fingerprint = "another";
  s.give(AlertBatch{{s.alert(), other}, {}});
  CHECK(s.recorded<IncidentOpened>() == 1);
  CHECK(s.state.find(1)->alerts.size() == 2);
}

TEST_CASE("an occurrence that was used up never opens an incident again") {
  Scenario s;
  s.act();
  s.hold_and_recover(1);
  REQUIRE(s.phase(1) == Phase::Recovered);
  s.wait(1h);
  s.fire();
  CHECK(s.recorded<IncidentOpened>() == 1);
  CHECK(s.last.repeated == std::vector{IgnoreReason::AlreadyUsed});
}

TEST_CASE("an alert that fires on after its recovery is told to a person once") {
  Scenario s;
  s.act();
  s.hold_and_recover(1);
  const std::size_t told = s.recorded<MessageQueued>();
  s.wait(120s - 1ms);
  s.fire();
  CHECK(s.recorded<AlertPersists>() == 0);
  s.wait(1ms);
  s.fire();
  CHECK(s.recorded<AlertPersists>() == 1);
  CHECK(s.recorded<MessageQueued>() == told + 2);
  s.wait(1h);
  s.fire();
  CHECK(s.recorded<AlertPersists>() == 1);
}

TEST_CASE("an alert of another playbook opens its own incident when the first is over") {
  Scenario s;
  s.fire();
  auto other = s.alert();
  other.alert.key.fingerprint = "latency";
  Playbook playbook = s.playbook;
  playbook.name = "latency-high";
  s.policy.playbooks[playbook.name] = {playbook.mode, playbook.limits, playbook.receivers};
  other.playbook = std::make_shared<const Playbook>(playbook);
  s.give(AlertBatch{{other}, {}});
  CHECK(s.state.open.size() == 1);
  s.fail_checks(1);
  s.planned(1, plan_of({"start"}));
  s.applied(1);
  s.confirmed(1);
  s.hold_and_recover(1);
  s.give(AlertBatch{{other}, {}});
  REQUIRE(s.state.open.size() == 1);
  CHECK(s.state.find(2)->playbook->name == "latency-high");
  CHECK(s.state.find(2)->tier == 0);
}

TEST_CASE("resolved starts no incident and closes none") {
  Scenario s;
  s.resolve();
  CHECK(s.recorded<IncidentOpened>() == 0);
  CHECK(s.recorded<AlertIgnored>() == 1);
  s.occurrence += 1s;
  s.fire();
  s.resolve();
  CHECK(s.phase(1) == Phase::Diagnosing);
  s.fail_checks(1);  // resolved, but sick: the checks decide
  CHECK(s.phase(1) == Phase::Planning);
}

TEST_CASE("an alert without playbook or target is recorded once with its reason") {
  Scenario s;
  auto stray = s.alert();
  stray.playbook = nullptr;
  stray.ignored = IgnoreReason::BadTarget;
  stray.why = "no host 'x'";
  s.give(AlertBatch{{stray}, {}});
  s.give(AlertBatch{{stray}, {}});
  CHECK(s.recorded<AlertIgnored>() == 1);
  CHECK(s.last.repeated == std::vector{IgnoreReason::BadTarget});
  CHECK(s.state.open.empty());
  s.fire();  // known to the policy now, after a reload: it may open
  CHECK(s.recorded<IncidentOpened>() == 1);
}

TEST_CASE("a fault that comes back within the relapse window goes on where its ladder stood") {
  Scenario s;
  s.act();
  s.wait(120s);
  s.fail_checks(1);
  s.fail_checks(1);
  s.planned(1, plan_of({"restart unit"}));
  s.applied(1);
  s.confirmed(1);
  s.hold_and_recover(1);
  REQUIRE(s.phase(1) == Phase::Recovered);

  SECTION("inside the window it starts at the tier that it had reached") {
    s.wait(30min - 1ms);
    s.occurrence = s.now;
    s.fire();
    CHECK(s.state.find(2)->tier == 1);
    CHECK(s.state.find(2)->relapse_of == 1);
  }
  SECTION("another playbook has a ladder of its own") {
    s.playbook.name = "another";
    s.wait(1min);
    s.occurrence = s.now;
    s.fire();
    CHECK(s.state.find(2)->tier == 0);
    CHECK(s.state.find(2)->relapse_of == 1);
  }
  SECTION("at its end it is a new fault") {
    s.wait(30min);
    s.occurrence = s.now;
    s.fire();
    CHECK(s.state.find(2)->tier == 0);
    CHECK(s.state.find(2)->relapse_of == 0);
  }
}

TEST_CASE("more relapses a day than allowed are handed over") {
  Scenario s;
  s.playbook.limits.cooldown = 0s;
  s.playbook.limits.attempts = 100;
  IncidentId id = 1;
  s.act();
  s.hold_and_recover(1);
  for (int relapse = 1; relapse <= 3; ++relapse) {
    s.occurrence = s.now;
    s.act();
    s.hold_and_recover(++id);
    REQUIRE(s.phase(id) == Phase::Recovered);
  }
  s.occurrence = s.now;
  s.fire();
  CHECK(s.phase(5) == Phase::HandedOver);
  CHECK(s.reason(5) == "it came back 4 times within a day");
  s.wait(1min);
  s.occurrence = s.now;
  s.fire();
  CHECK(s.phase(6) == Phase::HandedOver);  // a hand-over is no fresh start
}

TEST_CASE("an incident that did nothing does not make known what one before it did") {
  Scenario s;
  s.fire();
  s.fail_checks(1);
  s.planned(1, plan_of({"start"}));
  s.give(CancelIncident{1, "alice", "mine"});  // in the middle
  const Playbook usual = s.playbook;
  s.playbook.name = "another";
  s.playbook.relapse.within = 1min;
  s.wait(2min);
  s.occurrence = s.now;
  s.fire();
  REQUIRE(s.state.find(2)->relapse_of == 0);
  s.give(CancelIncident{2, "alice", "mine too"});
  s.playbook = usual;
  s.wait(2min);
  s.occurrence = s.now;
  s.fire();
  CHECK(s.phase(3) == Phase::HandedOver);
  CHECK(s.reason(3) == "what the last attempt of incident 1 did is not known: a person decides");
}

TEST_CASE("lost content is asked back until Alertmanager has answered") {
  Scenario s;
  s.give(AlertBatch{{}, "body of 70000000 bytes"});
  CHECK(s.recorded<IntakeLost>() == 1);
  REQUIRE(s.released<Reconcile>() != nullptr);
  s.give(AlertBatch{{}, "again"});
  CHECK(s.released<Reconcile>() == nullptr);  // one question is under way
  s.give(ReconcileDone{0, 1, fail(Errc::Unavailable, "refused")});
  REQUIRE(s.released<Reconcile>() != nullptr);
  CHECK(s.released<Reconcile>()->tries == 1);
  CHECK(s.due<Reconcile>() > s.now);
  s.give(ReconcileDone{1, 1, AskedBack{{s.alert()}}});
  CHECK(s.recorded<Reconciled>() == 0);  // there was a second loss after the question
  REQUIRE(s.released<Reconcile>() != nullptr);
  s.give(ReconcileDone{0, 2, AskedBack{{s.alert()}}});
  CHECK(s.recorded<Reconciled>() == 1);
  CHECK(s.phase(1) == Phase::Diagnosing);
  CHECK_FALSE(s.state.reconcile_wanted);
}

TEST_CASE("what a part of Alertmanager knows of lost content is taken, and the rest asked again") {
  Scenario s;
  s.give(AlertBatch{{}, "cut"});
  s.give(ReconcileDone{0, 1, AskedBack{{s.alert()}, "1 of 2 answer"}});
  CHECK(s.phase(1) == Phase::Diagnosing);
  CHECK(s.recorded<Reconciled>() == 0);
  REQUIRE(s.released<Reconcile>() != nullptr);
  CHECK(s.released<Reconcile>()->tries == 1);
  CHECK(s.due<Reconcile>() > s.now);
  SECTION("until all of it answers") {
    s.give(ReconcileDone{1, 1, AskedBack{{s.alert(), s.alert("h2")}}});
    CHECK(s.phase(2) == Phase::Diagnosing);
    CHECK(s.recorded<Reconciled>() == 1);
    CHECK(s.state.outbox.empty());
  }
  SECTION("or people are told that it does not") {
    for (std::uint32_t tries = 1; tries < kPartialTries; ++tries) {
      CHECK(s.recorded<Reconciled>() == 0);
      s.give(ReconcileDone{tries, 1, AskedBack{{}, "1 of 2 answer"}});
    }
    CHECK(s.recorded<Reconciled>() == 1);
    CHECK(s.released<Reconcile>() == nullptr);
    CHECK(s.state.outbox.size() == 2);
  }
}

TEST_CASE("lost content that cannot be asked back is told to people") {
  Scenario s;
  s.policy.alertmanager_known = false;
  s.give(AlertBatch{{}, "12 alerts cut"});
  CHECK(s.released<Reconcile>() == nullptr);
  CHECK(s.state.outbox.size() == 2);
}
