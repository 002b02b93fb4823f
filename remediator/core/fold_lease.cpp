#include "remediator/core/fold_lease.hpp"

#include <algorithm>
#include <utility>

namespace fieldmedic::core {
namespace {

Lease* lease_of(State& state, IncidentId id) {
  const auto found = state.leases.find(id);
  return found == state.leases.end() ? nullptr : &found->second;
}

void enter(Lease& lease, LeasePhase phase, Time at) {
  lease.phase = phase;
  lease.phase_since = at;
  ++lease.round;
}

// The lease whose undo under way is this one.
Lease* undoing(State& state, IncidentId id, const AttemptId& attempt) {
  Lease* lease = lease_of(state, id);
  return lease != nullptr && lease->undo && lease->undo->id == attempt ? lease : nullptr;
}

}  // namespace

void fold_lease(State& state, const LeaseTaken& e, Time at) {
  state.last_incident = std::max(state.last_incident, e.lease);
  const Incident* incident = state.find(e.incident);
  if (incident == nullptr || !incident->attempt || !incident->attempt->plan.lease) return;
  Lease lease;
  lease.id = e.lease;
  lease.incident = e.incident;
  lease.target = incident->target;
  lease.playbook = incident->playbook;
  lease.tier = incident->tier;
  lease.labels = incident->labels.unpacked();
  lease.attempt = e.attempt;
  lease.plan = incident->attempt->plan;
  lease.taken_at = at;
  lease.ends_at = e.ends_at;
  enter(lease, LeasePhase::Held, at);
  state.leases.insert_or_assign(e.lease, std::move(lease));
}

void fold_lease(State& state, const LeaseVoided& e, Time) {
  state.leases.erase(e.lease);
}

void fold_lease(State& state, const LeaseLooked& e, Time at) {
  Lease* lease = lease_of(state, e.lease);
  if (lease == nullptr) return;
  std::vector<CheckState> checks;
  for (std::size_t i = 0; i < e.answers.size(); ++i) {
    const bool same =
        i < lease->checks.size() && lease->checks[i].answer.verdict == e.answers[i].verdict;
    checks.push_back({e.answers[i], same ? lease->checks[i].since : at});
  }
  lease->checks = std::move(checks);
}

void fold_lease(State& state, const LeaseEnded& e, Time at) {
  Lease* lease = lease_of(state, e.lease);
  if (lease == nullptr) return;
  enter(*lease, LeasePhase::Ending, at);
  lease->ending_since = at;
  lease->checks.clear();
  lease->undo.reset();
  lease->reason = e.reason;
}

void fold_lease(State& state, const UndoRequested& e, Time at) {
  Lease* lease = lease_of(state, e.lease);
  if (lease == nullptr) return;
  enter(*lease, LeasePhase::UndoPlanning, at);
  ++lease->tries;
  lease->undo = Attempt{};
  lease->undo->id = e.attempt;
}

void fold_lease(State& state, const UndoPlanned& e, Time) {
  if (Lease* lease = undoing(state, e.lease, e.attempt)) lease->undo->plan = e.plan;
}

void fold_lease(State& state, const UndoDeferred& e, Time at) {
  Lease* lease = lease_of(state, e.lease);
  if (lease == nullptr) return;
  enter(*lease, LeasePhase::Ending, at);
  lease->undo.reset();
  lease->reason = e.reason;
}

void fold_lease(State& state, const UndoIntended& e, Time at) {
  Lease* lease = undoing(state, e.lease, e.attempt);
  if (lease == nullptr) return;
  enter(*lease, LeasePhase::Undoing, at);
  lease->undo->step = e.step;
  lease->undo->intended_in = state.epoch;
  lease->undo->step_since = at;
  lease->undo->confirm.reset();
  state.targets[key_of(lease->target)].last_change = at;
}

void fold_lease(State& state, const UndoApplied& e, Time at) {
  Lease* lease = undoing(state, e.lease, e.attempt);
  if (lease == nullptr) return;
  if (e.outcome == Applied::Done) lease->undo->changed_world = true;
  enter(*lease, LeasePhase::UndoConfirming, at);
}

void fold_lease(State& state, const UndoConfirmed& e, Time) {
  Lease* lease = undoing(state, e.lease, e.attempt);
  if (lease == nullptr) return;
  if (e.answer == Confirmed::Applied) lease->undo->changed_world = true;
  lease->undo->confirm = e.answer;
}

void fold_lease(State& state, const Undone& e, Time) {
  state.leases.erase(e.lease);
}

// What its last step did may not be known; then its resources stay held until a person says so.
void fold_lease(State& state, const UndoFailed& e, Time at) {
  Lease* lease = lease_of(state, e.lease);
  if (lease == nullptr) return;
  enter(*lease, LeasePhase::HandedOver, at);
  lease->reason = e.reason;
  if (e.known) lease->undo.reset();
}

void fold_lease(State& state, const LeaseHandedOver& e, Time at) {
  Lease* lease = lease_of(state, e.lease);
  if (lease == nullptr) return;
  enter(*lease, LeasePhase::HandedOver, at);
  lease->checks.clear();
  lease->reason = e.reason;
}

void fold_lease(State& state, const LeaseSettled& e, Time) {
  state.leases.erase(e.lease);
}

void keep_what_is_left(State& state, const Incident& incident, const ConfirmAnswered& e) {
  const auto& claim = incident.attempt->plan.lease;
  if (e.left.empty() || e.answer != Confirmed::Applied || !claim) return;
  // A plan made again goes on with the same lease, under another attempt.
  const auto found = std::ranges::find_if(state.leases, [&](const auto& each) {
    return each.second.incident == incident.id && each.second.resource() == claim->resource;
  });
  if (found != state.leases.end() && found->second.left.size() < kLeftMost)
    found->second.left.push_back(e.left);
}

void leases_after_start(State& state, Time at) {
  for (auto& [id, lease] : state.leases) {
    const bool applied = lease.phase == LeasePhase::Undoing;
    enter(lease, applied ? LeasePhase::UndoConfirming : lease.phase, at);
    lease.checks.clear();
    if (lease.undo) lease.undo->confirm.reset();
  }
}

void leases_after_sleep(State& state) {
  for (auto& [id, lease] : state.leases) {
    if (lease.phase != LeasePhase::Held) continue;
    lease.checks.clear();
    ++lease.round;
  }
}

}  // namespace fieldmedic::core
