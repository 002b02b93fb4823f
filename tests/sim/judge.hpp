// Watches every commit and every effect, and holds the rules against them.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "remediator/core/decide.hpp"
#include "tests/sim/coverage.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/rules.hpp"

namespace fieldmedic::core::sim {

// One decide() that is on disk now. `input` is null for the record of a start.
struct Committed {
  const Policy& policy;
  const Input* input;
  const Decision& decision;
  Time now;

  template <class I>
  [[nodiscard]] const I* given() const {
    return input == nullptr ? nullptr : std::get_if<I>(input);
  }
  // Whether one of its events is an E that fits.
  template <class E, class Pred>
  [[nodiscard]] bool says(Pred fits) const {
    for (const Event& event : decision.events)
      if (const E* found = std::get_if<E>(&event.payload); found != nullptr && fits(*found))
        return true;
    return false;
  }
};

class Judge {
 public:
  Judge(Rules& rules, Coverage& coverage) : rules_(rules), coverage_(coverage) {}

  void committed(const Committed& step);
  // An effect is released: at once, or when its time has come.
  void released(const Effect& effect);
  void delayed(const Effect& effect);
  // Whoever gave this input is told that it is recorded.
  void answered(const Input& input, const std::optional<Status>& verdict);
  void crashed();
  // Nothing waits to be decided.
  void at_rest(const State& state, const Policy& policy, Time now);
  // The faults have stopped long ago.
  void finish(const Policy& policy);

  [[nodiscard]] Rules& rules() { return rules_; }
  [[nodiscard]] const Ledger& ledger() const { return ledger_; }

 private:
  void hold(Rule rule, bool holds, const std::string& what) { rules_.hold(rule, holds, what); }

  // Before the event is recorded in the ledger. What no rule looks at has no overload.
  template <class E>
  void look(const E&, const Committed&) {}
  void look(const Started& e, const Committed& step);
  void look(const AlertReceived& e, const Committed& step);
  void look(const IncidentOpened& e, const Committed& step);
  void look(const PlanRequested& e, const Committed& step);
  void look(const TierSkipped& e, const Committed& step);
  void look(const IncidentAdopted& e, const Committed& step);
  void look(const PlanMade& e, const Committed& step);
  void look(const GuardRefused& e, const Committed& step);
  void look(const ApplyIntended& e, const Committed& step);
  void look(const Approved& e, const Committed& step);
  void look(const ApprovalRequested& e, const Committed& step);
  void look(const BreakerOpened& e, const Committed& step);
  void look(const WatchdogLost& e, const Committed& step);
  void look(const IntakeLost& e, const Committed& step);
  void look(const MessageQueued& e, const Committed& step);
  void look(const Recovered& e, const Committed& step);
  void look(const MessageDeferred& e, const Committed& step);
  void look(const MessageDropped& e, const Committed& step);
  void look(const Reconciled& e, const Committed& step);
  void look(const TierFailed& e, const Committed& step);
  void look(const HandedOver& e, const Committed& step);
  void look(const Cancelled& e, const Committed& step);

  // Leases (judge_leases.cpp).
  void look(const LeaseTaken& e, const Committed& step);
  void look(const LeaseVoided& e, const Committed& step);
  void look(const LeaseEnded& e, const Committed& step);
  void look(const UndoRequested& e, const Committed& step);
  void look(const UndoPlanned& e, const Committed& step);
  void look(const UndoDeferred& e, const Committed& step);
  void look(const UndoIntended& e, const Committed& step);
  void look(const Undone& e, const Committed& step);
  void look(const UndoFailed& e, const Committed& step);
  void look(const LeaseHandedOver& e, const Committed& step);
  void look(const LeaseSettled& e, const Committed& step);
  void look_at_lease_of(const ApplyIntended& e, const Case& one);
  void undo_stopped(const Rented& lease, const Committed& step);
  void leases_at_rest(const State& state, Time now);

  void look_at_intent(const ApplyIntended& e, const Case& one, const Committed& step);
  void look_at_approval(const ApplyIntended& e, const Case& one, const Committed& step);
  // What this input tells of what is under way, before its events are looked at.
  void take_in(const Committed& step);
  template <class Answer>
  void look_at_answer(const Committed& step);
  void look_at_timer(const Timer& timer, const Committed& step);
  void look_at_order(const Committed& step);
  void look_at_breakers(const Committed& step);
  void stopped(IncidentId incident, const Committed& step);
  [[nodiscard]] bool proved(const Case& one, Time now) const;
  void told(IncidentId incident, MessageKind kind, const Committed& step);

  void check(const Apply& effect);
  void check(const Confirm& effect);
  void check(const MakePlan& effect);
  void check(const PlanUndo& effect);
  void check(const RunChecks& effect);
  void check(const CancelAttempt& effect);
  void check(const Deliver& effect);
  void check(const Reconcile& effect);
  void check(const AskAlerts& effect);
  void check(const Wake&) {}
  void check(const ExpectWatchdog&) {}

  Rules& rules_;
  Coverage& coverage_;
  Ledger ledger_;
  std::set<AttemptId> planned_;
  std::set<StepKey> applied_;
  // Of this life: applies that were not heard of, messages being sent, the newest round waited for.
  std::set<StepKey> running_;
  std::set<MessageId> sending_;
  std::map<IncidentId, std::uint64_t> newest_;
  std::map<std::pair<IncidentId, std::uint64_t>, std::uint64_t> looks_;  // (incident, round) asked
  std::map<std::pair<IncidentId, std::uint64_t>, int> wakes_;            // under way
  Time watchdog_seen_;
};

}  // namespace fieldmedic::core::sim
