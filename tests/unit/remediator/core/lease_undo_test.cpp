// Temporary changes: undone once, or left to a person (S14).
#include "tests/fakes/diverted.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

TEST_CASE("lease: an undo waits while changes are held back, for as long as patience lasts") {
  Diverted s;
  s.take_and_recover();
  s.give(Pause{"host/h1", "bob", ""});
  s.looked(Verdict::Pass);
  s.wait(60s);
  s.looked(Verdict::Pass);
  const Time ended = s.now;
  CHECK(s.lease()->phase == LeasePhase::Ending);
  CHECK(s.recorded<UndoRequested>() == 0);
  const std::size_t events = s.events.size();
  s.wait(15s);
  s.lease_timer();
  CHECK(s.events.size() == events);  // the same answer is no news
  SECTION("then it is done") {
    s.give(Unpause{"host/h1", "bob", ""});
    s.lease_timer();
    CHECK(s.lease()->phase == LeasePhase::UndoPlanning);
  }
  SECTION("or a person goes on") {
    s.now = ended + 30min;
    s.lease_timer();
    CHECK(s.handed_over());
    CHECK(s.told());
  }
}

TEST_CASE("lease: a world that is not as we left it is a person's") {
  Diverted s;
  s.take_and_recover();
  s.end();
  SECTION("another has changed it") {
    s.undo_planned(fail(Errc::Conflict, "the link points elsewhere"));
    CHECK(s.handed_over());
    CHECK(s.told());
    CHECK_FALSE(s.lease()->undo);
  }
  SECTION("one that cannot be read is read again") {
    s.undo_planned(fail(Errc::Unavailable, "no answer"));
    CHECK(s.lease()->phase == LeasePhase::Ending);
    s.wait(15s);
    s.lease_timer();
    CHECK(s.lease()->phase == LeasePhase::UndoPlanning);
    CHECK(s.lease()->undo->id == "journal1-2-2");
  }
  SECTION("nothing left to undo is undone") {
    s.undo_planned(Plan{});
    CHECK(s.state.leases.empty());
    CHECK(s.recorded<UndoIntended>() == 0);
  }
}

TEST_CASE("lease: an undo of which it is not known what it did is never repeated, and holds") {
  Diverted s;
  s.take_and_recover();
  s.end();
  Plan plan = Diverted::back();
  SECTION("what cannot be confirmed") {
    plan.steps[0].confirmable = Confirmable::AtMostOnce;
    s.undo_planned(plan);
    s.undo_applied(Applied::Unknown);
  }
  SECTION("after a crash as well") {
    plan.steps[0].confirmable = Confirmable::AtMostOnce;
    s.undo_planned(plan);
    s.restart();
    CHECK(s.lease()->reason.find("(" + plan.steps[0].name + ")") != std::string::npos);
  }
  SECTION("what is not confirmed in time") {
    s.undo_planned(plan);
    s.undo_applied(Applied::Unknown);
    s.wait(60s);
    s.undo_confirmed(Confirmed::Unknown);
    CHECK(s.released<CancelAttempt>() != nullptr);
  }
  CHECK(s.handed_over());
  CHECK(s.told());
  CHECK(s.recorded<UndoIntended>() == 1);
  CHECK(s.state.under_repair.holder_of(kStore, 99));
  s.give(EndLease{2, LeaseOrder::Undo, "bob", ""});
  REQUIRE(s.last.verdict);
  CHECK_FALSE(*s.last.verdict);
  s.give(EndLease{2, LeaseOrder::Settle, "bob", "by hand"});
  CHECK(s.state.leases.empty());
  CHECK_FALSE(s.state.under_repair.holder_of(kStore, 99));
}

TEST_CASE("lease: a crash in its undo looks the step up, and goes on or plans anew") {
  Diverted s;
  s.take_and_recover();
  s.end();
  s.undo_planned(Diverted::back());
  s.restart();
  REQUIRE(s.released<Confirm>() != nullptr);
  CHECK(s.released<Apply>() == nullptr);
  SECTION("it was done") {
    s.undo_confirmed();
    CHECK(s.state.leases.empty());
  }
  SECTION("it was not") {
    s.undo_confirmed(Confirmed::NotApplied);
    CHECK(s.lease()->phase == LeasePhase::Ending);
    s.wait(15s);
    s.lease_timer();
    CHECK(s.lease()->phase == LeasePhase::UndoPlanning);
  }
}

TEST_CASE("lease: after a restart or a sleep its hold starts at zero") {
  Diverted s;
  s.take_and_recover();
  s.looked(Verdict::Pass);
  s.wait(59s);
  SECTION("restart") {
    s.restart();
  }
  SECTION("sleep") {
    s.give(Slept{59s});
  }
  REQUIRE(s.released<RunChecks>() != nullptr);
  s.looked(Verdict::Pass);
  s.wait(1s);
  s.looked(Verdict::Pass);
  CHECK(s.lease()->phase == LeasePhase::Held);
  s.wait(59s);
  s.looked(Verdict::Pass);
  CHECK(s.lease()->phase == LeasePhase::UndoPlanning);
}

TEST_CASE(
    "lease: it outlives its playbook, its target's place in the inventory and a reload (S20)") {
  Diverted s;
  s.take_and_recover();
  s.configured = false;
  s.policy.playbooks.clear();
  s.policy.targets.clear();
  s.end();
  s.undo_planned(Diverted::back());
  s.undo_applied();
  s.undo_confirmed();
  CHECK(s.recorded<Undone>() == 1);
}

TEST_CASE("lease: a person ends it early") {
  Diverted s;
  s.take_and_recover();
  s.give(EndLease{7, LeaseOrder::Undo, "bob", ""});
  CHECK_FALSE(*s.last.verdict);
  s.give(EndLease{2, LeaseOrder::Undo, "bob", "disk changed"});
  CHECK(*s.last.verdict);
  CHECK(s.lease()->phase == LeasePhase::UndoPlanning);
  CHECK(s.lease()->reason == "by bob: disk changed");
  s.give(EndLease{2, LeaseOrder::Undo, "bob", ""});
  CHECK_FALSE(*s.last.verdict);  // under way
  s.give(EndLease{2, LeaseOrder::Settle, "bob", ""});
  CHECK_FALSE(*s.last.verdict);
}

TEST_CASE("lease: while it is undone nothing else touches what it holds") {
  Diverted s;
  s.take_and_recover();
  s.end();
  s.undo_planned(Diverted::back());
  s.playbook.limits.cooldown = 0s;
  auto other = s.alert("h2");
  other.target.name = "archive";
  s.give(AlertBatch{{other}, {}});
  const IncidentId id = s.state.last_incident;
  s.fail_checks(id);
  s.planned(id, plan_of({"start"}, "host/h1"));
  CHECK(s.state.find(id)->reason == "the undo of lease 2 is at work on host/h1/divert/spool");
  s.undo_applied();
  s.undo_confirmed();
  s.timer(id);
  CHECK(s.phase(id) == Phase::Diagnosing);
}
