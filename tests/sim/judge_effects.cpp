// No effect without its event, and no step applied twice.
#include "tests/sim/judge.hpp"

namespace fieldmedic::core::sim {

void Judge::released(const Effect& effect) {
  coverage_.released(effect);
  std::visit([this](const auto& what) { check(what); }, effect.what);
}

void Judge::check(const Apply& effect) {
  const StepKey key{effect.attempt, effect.step};
  hold(Rule::EffectAfterEvent, ledger_.intended.contains(key),
       "step " + std::to_string(effect.step) + " of " + effect.attempt + " has no intent");
  hold(Rule::AppliedOnce, applied_.insert(key).second,
       "step " + std::to_string(effect.step) + " of " + effect.attempt + " is applied again");
  running_.insert(key);
}

void Judge::check(const Confirm& effect) {
  const auto found = ledger_.intended.find({effect.attempt, effect.step});
  hold(Rule::EffectAfterEvent, found != ledger_.intended.end(),
       "a step of " + effect.attempt + " is looked up and was never intended");
  hold(Rule::NeverConfirmed, found == ledger_.intended.end() || found->second == Confirmable::Yes,
       "a step of " + effect.attempt + " cannot be looked up and is");
}

void Judge::check(const MakePlan& effect) {
  hold(Rule::EffectAfterEvent, ledger_.attempts.contains(effect.attempt),
       "a plan for " + effect.attempt + " was never asked for on record");
  hold(Rule::PlannedOnce, planned_.insert(effect.attempt).second,
       "a plan for " + effect.attempt + " is asked for again");
}

void Judge::check(const PlanUndo& effect) {
  hold(Rule::EffectAfterEvent, ledger_.attempts.contains(effect.attempt),
       "a plan of an undo " + effect.attempt + " was never asked for on record");
  hold(Rule::PlannedOnce, planned_.insert(effect.attempt).second,
       "a plan of an undo " + effect.attempt + " is asked for again");
  const Rented* lease = ledger_.find_lease(effect.incident);
  hold(Rule::UndoKnows, lease == nullptr || lease->left == effect.left,
       effect.attempt + " is not told all that its change left");
}

void Judge::check(const RunChecks& effect) {
  hold(Rule::EffectAfterEvent, effect.incident <= ledger_.last_incident,
       "checks for an incident that is not on record");
}

void Judge::check(const CancelAttempt& effect) {
  hold(Rule::EffectAfterEvent, ledger_.attempts.contains(effect.attempt),
       effect.attempt + " is stopped and was never begun");
}

void Judge::check(const Reconcile&) {
  hold(Rule::EffectAfterEvent, ledger_.losses > 0, "alerts are asked back and none was lost");
}

void Judge::check(const AskAlerts& effect) {
  hold(Rule::EffectAfterEvent, effect.incident <= ledger_.last_incident,
       "alerts are asked for an incident that is not on record");
}

}  // namespace fieldmedic::core::sim
