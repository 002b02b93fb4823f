// What the journal says of temporary changes.
#include "tests/sim/ledger.hpp"

namespace fieldmedic::core::sim {

void Ledger::on(const LeaseTaken& e, Time at) {
  last_incident = e.lease;
  const Case& one = of(e.incident);
  Rented lease;
  lease.incident = e.incident;
  lease.target = one.target;
  lease.playbook = one.playbook;
  lease.terms = one.playbook.tiers[one.tier].lease.value_or(LeaseTerms{});
  lease.claim = one.plan.lease.value_or(LeaseClaim{});
  lease.made = one.plan;
  lease.made_by = e.attempt;
  lease.taken = at;
  lease.ends_at = e.ends_at;
  lease.passing.resize(lease.terms.until.size());
  leases.emplace(e.lease, std::move(lease));
}

void Ledger::saw_of_lease(IncidentId id, const std::vector<CheckAnswer>& answers, Time now) {
  Rented& lease = leases[id];
  for (std::size_t i = 0; i < lease.passing.size() && i < answers.size(); ++i) {
    if (answers[i].verdict != Verdict::Pass)
      lease.passing[i].reset();
    else if (!lease.passing[i])
      lease.passing[i] = now;
  }
}

void Ledger::left_behind(const ConfirmAnswered& e, const std::string& resource) {
  for (auto& [id, lease] : leases)
    if (lease.incident == e.incident && lease.claim.resource == resource)
      lease.left.push_back(e.left);
}

void Ledger::leases_look_anew() {
  for (auto& [id, lease] : leases) {
    ++lease.look;
    lease.passing.assign(lease.passing.size(), std::nullopt);
  }
}

void Ledger::on(const LeaseEnded& e, Time at) {
  Rented& lease = leases[e.lease];
  lease.ended = true;
  lease.handed_over = lease.busy = false;
  lease.since = at;
  lease.undo.clear();
}

void Ledger::on(const UndoRequested& e, Time) {
  Rented& lease = leases[e.lease];
  lease.undo = e.attempt;
  lease.plan = {};
  lease.busy = false;
  attempts.insert(e.attempt);
}

void Ledger::on(const UndoPlanned& e, Time) {
  leases[e.lease].plan = e.plan;
  leases[e.lease].planned_in = epoch;
}

void Ledger::on(const UndoDeferred& e, Time) {
  leases[e.lease].undo.clear();
  leases[e.lease].busy = false;
}

void Ledger::on(const UndoIntended& e, Time at) {
  Rented& lease = leases[e.lease];
  const StepKey key{e.attempt, e.step};
  lease.busy = true;
  lease.step = e.step;
  lease.unsettled.insert(key);
  intended.emplace(key, lease.plan.steps[e.step].confirmable);
  targets[key_of(lease.target)].changed = at;
}

void Ledger::on(const UndoApplied& e, Time) {
  const StepKey key{e.attempt, e.step};
  const bool nothing = e.outcome == Applied::Refused || e.outcome == Applied::WorldDiffers;
  const bool final_word = e.outcome == Applied::Done && intended[key] == Confirmable::AtMostOnce;
  if (nothing || final_word) leases[e.lease].unsettled.erase(key);
}

void Ledger::on(const UndoConfirmed& e, Time) {
  if (e.answer == Confirmed::Applied || e.answer == Confirmed::NotApplied)
    leases[e.lease].unsettled.erase({e.attempt, e.step});
}

void Ledger::on(const UndoFailed& e, Time) {
  Rented& lease = leases[e.lease];
  lease.handed_over = true;
  if (lease.unsettled.empty()) lease.busy = false;
}

void Ledger::on(const LeaseHandedOver& e, Time) {
  leases[e.lease].handed_over = true;
}

}  // namespace fieldmedic::core::sim
