// Temporary changes: taken, and watched until they end (S14).
#include "remediator/core/lease.hpp"

#include "remediator/core/guard.hpp"
#include "tests/fakes/diverted.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

TEST_CASE("lease: it is on disk before the change that it is of") {
  Diverted s;
  s.fire();
  s.fail_checks(1);
  s.planned(1, Diverted::divert());
  std::size_t taken = 0;
  std::size_t intended = 0;
  for (std::size_t i = 0; i < s.last.events.size(); ++i) {
    if (std::holds_alternative<LeaseTaken>(s.last.events[i].payload)) taken = i;
    if (std::holds_alternative<ApplyIntended>(s.last.events[i].payload)) intended = i;
  }
  CHECK(taken > 0);
  CHECK(taken < intended);
  CHECK(s.lease()->ends_at == s.now + 1h);
}

TEST_CASE("lease: which temporary changes may be made on which terms") {
  Diverted s;
  Tier tier = s.playbook.tiers[0];
  Plan plan = Diverted::divert();
  CHECK(unfit_lease(plan, tier).empty());
  SECTION("nobody would undo it while we are away") {
    tier.lease->unattended = Unattended::NeedsApproval;
    CHECK(unfit_lease(plan, tier).starts_with("nobody would undo it"));
    plan.lease->when_away = WhenAway::DeadMan;
    CHECK(unfit_lease(plan, tier).empty());
    plan.lease->when_away = WhenAway::Nobody;
    tier.approval = Approval{};
    CHECK(unfit_lease(plan, tier).empty());
  }
  SECTION("a temporary change without terms") {
    tier.lease.reset();
    CHECK_FALSE(unfit_lease(plan, tier).empty());
  }
  SECTION("terms of what stays") {
    plan.lease.reset();
    CHECK_FALSE(unfit_lease(plan, tier).empty());
  }
  SECTION("a claim on what the plan does not touch") {
    plan.resources = {"host/h1/other"};
    CHECK_FALSE(unfit_lease(plan, tier).empty());
  }
}

TEST_CASE("lease: a change that nobody may leave behind is not made") {
  Diverted s;
  s.playbook.tiers[0].lease->unattended = Unattended::NeedsApproval;
  s.fire();
  s.fail_checks(1);
  s.planned(1, Diverted::divert());
  CHECK(s.phase(1) == Phase::HandedOver);
  CHECK(s.recorded<ApplyIntended>() == 0);
  CHECK(s.state.leases.empty());
}

TEST_CASE("lease: it is over when nothing was changed") {
  Diverted s;
  s.fire();
  s.fail_checks(1);
  s.planned(1, Diverted::divert({"switch", "signal"}));
  SECTION("refused") {
    s.applied(1, Applied::Refused);
    CHECK(s.state.leases.empty());
  }
  SECTION("the world had moved on") {
    s.applied(1, Applied::WorldDiffers);
    CHECK(s.state.leases.empty());
  }
  SECTION("not there") {
    s.applied(1, Applied::Unknown);
    s.confirmed(1, Confirmed::NotApplied);
    CHECK(s.state.leases.empty());
  }
  SECTION("but not when a later step failed: the first was made") {
    s.applied(1);
    s.confirmed(1);
    s.applied(1, Applied::Refused);
    CHECK(s.lease() != nullptr);
  }
  SECTION("nor when that is not known") {
    s.applied(1, Applied::Unknown);
    CHECK(s.lease() != nullptr);
  }
}

TEST_CASE("lease: another incident that wants the resource waits and is told why") {
  Diverted s;
  s.take_and_recover();
  s.playbook.limits.cooldown = 0s;
  auto other = s.alert("h2");
  other.target.name = "archive";
  s.give(AlertBatch{{other}, {}});
  const IncidentId id = s.state.last_incident;
  s.fail_checks(id);
  s.planned(id, Diverted::divert());
  REQUIRE(s.phase(id) == Phase::Waiting);
  CHECK(s.state.find(id)->refused_by == "lease");
  CHECK(s.state.find(id)->reason == "lease 2 of incident 1 holds host/h1/divert/spool");
  s.timer(id);  // asked again, with the resources that it wants
  CHECK(s.phase(id) == Phase::Waiting);
}

TEST_CASE("lease: it ends when its checks have held and its incident is over, then it is undone") {
  Diverted s;
  s.take();
  s.looked(Verdict::Pass);
  s.wait(60s);
  s.looked(Verdict::Pass);
  CHECK(s.lease()->phase == LeasePhase::Held);  // the repair is still being proved
  s.hold_and_recover(1);
  s.looked(Verdict::Fail);
  s.wait(15s);
  s.looked(Verdict::Pass);
  s.wait(60s - 1ms);
  s.looked(Verdict::Pass);
  CHECK(s.lease()->phase == LeasePhase::Held);
  s.wait(1ms);
  s.looked(Verdict::Pass);
  REQUIRE(s.released<PlanUndo>() != nullptr);
  CHECK(s.released<PlanUndo>()->made == Diverted::divert());
  CHECK(s.released<PlanUndo>()->made_by == "journal1-1-1");
  s.undo_planned(Diverted::back({"back", "replay"}));
  REQUIRE(s.released<Apply>() != nullptr);
  s.undo_applied();
  s.undo_confirmed();
  REQUIRE(s.released<Apply>() != nullptr);
  CHECK(s.released<Apply>()->step == 1);
  s.undo_applied();
  s.undo_confirmed();
  CHECK(s.state.leases.empty());
  CHECK(s.recorded<Undone>() == 1);
  CHECK(s.recorded<UndoIntended>() == 2);
}

TEST_CASE("lease: its undo is told what each step left, and by whichever attempt") {
  Diverted s;
  s.fire();
  s.fail_checks(1);
  s.planned(1, Diverted::divert({"first", "second"}));
  CHECK(s.released<MakePlan>() == nullptr);
  s.applied(1);
  s.confirmed(1, Confirmed::InProgress, "{\"n\":0}");  // of what is not there yet: not kept
  s.confirmed(1, Confirmed::Applied, "{\"n\":1}");
  // Dead before the second step: it is planned anew, by one who knows what was begun.
  s.restart();
  s.confirmed(1, Confirmed::NotApplied);
  REQUIRE(s.phase(1) == Phase::Diagnosing);
  s.fail_checks(1);
  REQUIRE(s.released<MakePlan>() != nullptr);
  CHECK(s.released<MakePlan>()->made == std::vector<Plan>{Diverted::divert({"first", "second"})});
  s.planned(1, Diverted::divert({"second"}));
  s.applied(1);
  s.confirmed(1, Confirmed::Applied, "{\"n\":2}");
  s.hold_and_recover(1);
  CHECK(s.recorded<LeaseTaken>() == 1);
  s.end();
  REQUIRE(s.released<PlanUndo>() != nullptr);
  CHECK(s.released<PlanUndo>()->left == std::vector<std::string>{"{\"n\":1}", "{\"n\":2}"});
  CHECK(s.released<PlanUndo>()->made == Diverted::divert({"first", "second"}));
}

TEST_CASE("lease: what other types of actions have made is none of a plan's business") {
  Diverted s;
  s.take();
  s.fail_checks(1);
  s.wait(120s);
  s.fail_checks(1);
  s.fail_checks(1);
  REQUIRE(s.released<MakePlan>() != nullptr);
  CHECK(s.released<MakePlan>()->action.type == "systemd_restart");
  CHECK(s.released<MakePlan>()->made.empty());
}

TEST_CASE("lease: when its time is up") {
  Diverted s;
  s.take_and_recover();
  const Time end = s.lease()->ends_at;
  SECTION("a moment before it is held") {
    s.looked(Verdict::Fail);
    s.now = end - 1ms;
    s.lease_timer();
    CHECK(s.lease()->phase == LeasePhase::Held);
  }
  SECTION("a target that is well is undone, though its hold is not over") {
    s.now = end - 1s;
    s.looked(Verdict::Pass);
    s.now = end;
    s.lease_timer();
    CHECK(s.lease()->phase == LeasePhase::UndoPlanning);
  }
  SECTION("a sick one goes to a person") {
    s.looked(Verdict::Fail);
    s.now = end;
    s.lease_timer();
    CHECK(s.handed_over());
    CHECK(s.told());
    CHECK(s.recorded<UndoRequested>() == 0);
  }
  SECTION("one that cannot be told goes to a person") {
    s.looked(Verdict::Unknown);
    s.now = end;
    s.lease_timer();
    CHECK(s.handed_over());
  }
  SECTION("checks that never answered are waited for, for a while") {
    s.now = end;
    s.lease_timer();
    CHECK(s.lease()->phase == LeasePhase::Held);
    s.now = end + 60s;
    s.lease_timer();
    CHECK(s.handed_over());
  }
  SECTION("an open incident on its target goes to a person") {
    s.looked(Verdict::Pass);
    s.now = end;
    s.occurrence = end;
    s.fire();
    s.lease_timer();
    CHECK(s.handed_over());
  }
}
