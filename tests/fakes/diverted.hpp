// An incident whose first remedy is a change for a time, played to the core.
#pragma once

#include "remediator/core/lease.hpp"
#include "tests/fakes/scenario.hpp"

namespace fieldmedic::core {

inline constexpr const char* kStore = "host/h1/divert/spool";

struct Diverted : Scenario {
  Diverted() {
    LeaseTerms terms;
    terms.length = 1h;
    terms.until = {{{"promql", "{}"}, 60s}};
    terms.interval = 15s;
    terms.unattended = Unattended::Accepted;
    playbook.tiers[0].lease = terms;
  }

  static Plan divert(std::vector<std::string> steps = {"switch"}) {
    Plan plan = plan_of(std::move(steps), kStore);
    plan.lease = LeaseClaim{kStore, WhenAway::Nobody};
    return plan;
  }
  // Alert to lease, its change applied and confirmed.
  void take() {
    fire();
    fail_checks(1);
    planned(1, divert());
    applied(1);
    confirmed(1);
    REQUIRE(lease());
  }
  void take_and_recover() {
    take();
    hold_and_recover(1);
    REQUIRE(phase(1) == Phase::Recovered);
  }
  [[nodiscard]] const Lease* lease() const { return state.find_lease(2); }
  Decision looked(Verdict verdict) {
    return give(ChecksDone{2, lease()->round, {{verdict, "the disk"}}});
  }
  Decision lease_timer() { return give(Timer{2, lease()->round}); }
  // The lease has ended and its undo is being planned.
  void end() {
    looked(Verdict::Pass);
    wait(60s);
    looked(Verdict::Pass);
    REQUIRE(lease()->phase == LeasePhase::UndoPlanning);
  }
  Decision undo_planned(Result<Plan> plan) {
    return give(Planned{2, lease()->undo->id, std::move(plan), ""});
  }
  Decision undo_applied(Applied outcome = Applied::Done) {
    return give(ApplyDone{2, lease()->undo->id, lease()->undo->step, outcome, "evidence"});
  }
  Decision undo_confirmed(Confirmed answer = Confirmed::Applied) {
    return give(ConfirmDone{2, lease()->undo->id, lease()->undo->step, answer, "evidence"});
  }
  static Plan back(std::vector<std::string> steps = {"back"}) {
    return plan_of(std::move(steps), kStore);
  }
  [[nodiscard]] bool handed_over() const { return lease()->phase == LeasePhase::HandedOver; }
  [[nodiscard]] bool told() const {
    return std::ranges::any_of(last.events, [](const Event& event) {
      const auto* queued = std::get_if<MessageQueued>(&event.payload);
      return queued != nullptr && queued->message.kind == MessageKind::HandedOver;
    });
  }
};

}  // namespace fieldmedic::core
