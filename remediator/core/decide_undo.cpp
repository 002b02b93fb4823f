// The undo of a temporary change (S14): planned on the world as it is, guarded, intended, applied
// and confirmed as any other change (S1, S2), and left to a person where it is not as we left it.
#include "remediator/core/deciding.hpp"
#include "remediator/core/unknown.hpp"

namespace fieldmedic::core {
namespace {

constexpr Duration kConfirmAgain{1'000};
constexpr Duration kAskAgain{15'000};

template <class E>
E undo_effect(const Lease& lease) {
  E effect;
  effect.incident = lease.id;
  effect.attempt = lease.undo->id;
  effect.target = lease.target;
  effect.action = lease.made_by().action;
  effect.plan = lease.undo->plan;
  effect.step = lease.undo->step;
  effect.timeout = lease.made_by().timeout;
  return effect;
}

bool at_most_once(const Attempt& undo) {
  return undo.plan.steps[undo.step].confirmable == Confirmable::AtMostOnce;
}

}  // namespace

// What holds back all changes, and what other changes are at work on. Not the brakes of playbooks:
// an undo has to be possible when its playbook is gone (S20).
std::string Deciding::holds_undo(const Lease& lease, const Plan& plan) const {
  const Incident incident = as_incident(lease);
  if (const auto no = ask_holds(policy_, state_, incident, now_)) return no->reason;
  const auto live = policy_.playbooks.find(lease.playbook->name);
  if (live != policy_.playbooks.end() && live->second.mode == Mode::DryRun)
    return "its playbook is a dry run now";
  // S1: it may still be going on outside.
  const auto history = state_.targets.find(key_of(lease.target));
  if (history != state_.targets.end() && history->second.unresolved &&
      now_ - history->second.last_end < lease.playbook->relapse.within)
    return "what the last attempt on its target did is not known";
  for (const std::string& wanted : plan.resources)
    if (const auto holder = state_.under_repair.holder_of(wanted, lease.id))
      return at_work(state_, *holder);
  for (const auto& [id, other] : state_.leases) {
    if (id == lease.id || other.incident == lease.incident) continue;
    if (const std::string* const kept = kept_by(other, plan.resources))
      return "lease " + std::to_string(id) + " holds " + *kept;
  }
  return {};
}

void Deciding::begin_undo(IncidentId id) {
  const Lease& lease = *state_.find_lease(id);
  if (const std::string no = holds_undo(lease, lease.plan); !no.empty()) return defer_undo(id, no);
  const AttemptId attempt =
      state_.journal_id + "-" + std::to_string(id) + "-" + std::to_string(lease.tries + 1);
  emit(UndoRequested{lease.incident, id, attempt});
  const Tier& tier = lease.made_by();
  release(PlanUndo{id, attempt, lease.target, lease.labels, tier.action, lease.attempt, lease.plan,
                   tier.timeout, lease.left});
  wake_at(lease, now_ + tier.timeout + kGrace);
}

// Nothing of it was done. It is tried again for as long as the playbook's patience lasts.
void Deciding::defer_undo(IncidentId id, const std::string& reason) {
  const Lease& lease = *state_.find_lease(id);
  if (now_ - *lease.ending_since >= lease.playbook->limits.patience)
    return fail_undo(id, "could not be undone in time: " + reason);
  if (lease.phase != LeasePhase::Ending || lease.reason != reason)
    emit(UndoDeferred{lease.incident, id, reason});
  wake_at(lease, now_ + kAskAgain);
}

void Deciding::fail_undo(IncidentId id, const std::string& reason) {
  const Lease& lease = *state_.find_lease(id);
  emit(UndoFailed{lease.incident, id, lease.made_by().action.type, reason, true});
  tell(as_incident(*state_.find_lease(id)), MessageKind::HandedOver);
}

// What its last step did is not known: what it touches stays held until a person has looked.
void Deciding::lose_undo(IncidentId id, const std::string& reason) {
  const Lease& lease = *state_.find_lease(id);
  emit(UndoFailed{lease.incident, id, lease.made_by().action.type, reason, false});
  tell(as_incident(*state_.find_lease(id)), MessageKind::HandedOver);
}

bool Deciding::undo_stale(const Lease& lease, const AttemptId& attempt, std::uint32_t step,
                          LeasePhase phase, const char* what) {
  if (lease.phase == phase && lease.undo && lease.undo->id == attempt && lease.undo->step == step)
    return false;
  emit(StaleResult{lease.id, attempt, what});
  return true;
}

void Deciding::undo_planned(const Lease& lease, const Planned& input) {
  if (undo_stale(lease, input.attempt, 0, LeasePhase::UndoPlanning, "plan of an undo")) return;
  const IncidentId id = lease.id;
  if (!input.plan) {
    const Error& error = input.plan.error();
    if (is_unknown(error.code)) return defer_undo(id, "no plan: " + error.message);
    return fail_undo(id, error.message);
  }
  if (input.plan->steps.empty()) return undone(id, input.plan->summary);
  emit(UndoPlanned{lease.incident, id, input.attempt, *input.plan});
  if (const std::string no = holds_undo(lease, lease.undo->plan); !no.empty())
    return defer_undo(id, no);
  intend_undo(id, 0);
}

void Deciding::intend_undo(IncidentId id, std::uint32_t step) {
  const Lease& lease = *state_.find_lease(id);
  emit(UndoIntended{lease.incident, id, lease.undo->id, step, lease.undo->plan.steps[step].name});
  release(undo_effect<Apply>(lease));
  wake_at(lease, now_ + lease.made_by().timeout + kGrace);
}

void Deciding::undone(IncidentId id, const std::string& reason) {
  const Lease& lease = *state_.find_lease(id);
  emit(Undone{lease.incident, id, lease.made_by().action.type, reason});
}

void Deciding::undo_applied(const Lease& lease, const ApplyDone& input) {
  if (undo_stale(lease, input.attempt, input.step, LeasePhase::Undoing, "undo")) return;
  const IncidentId id = lease.id;
  emit(UndoApplied{lease.incident, id, input.attempt, input.step, input.outcome, input.evidence});
  const bool once = at_most_once(*lease.undo);
  switch (input.outcome) {
    case Applied::Refused: return fail_undo(id, input.evidence);
    case Applied::WorldDiffers:
      return defer_undo(id, "the world differs from the plan: " + input.evidence);
    case Applied::Done:
      if (once) return undo_step_confirmed(id);
      break;
    case Applied::Unknown:
      if (once)
        return lose_undo(
            id, "it may or may not have been done, and cannot be confirmed: " + input.evidence);
      break;
  }
  confirm_undo(lease, Time{});
}

// No answer of the apply came.
void Deciding::undo_overdue(const Lease& lease) {
  release(CancelAttempt{lease.undo->id});
  emit(UndoApplied{lease.incident, lease.id, lease.undo->id, lease.undo->step, Applied::Unknown,
                   "no answer in time"});
  if (at_most_once(*lease.undo))
    return lose_undo(lease.id, "it did not end in time, and what it did cannot be confirmed");
  confirm_undo(lease, Time{});
}

// After a start of ours: the step is looked up by its attempt, never repeated blindly (S1).
void Deciding::look_up_undo(IncidentId id) {
  const Lease& lease = *state_.find_lease(id);
  if (at_most_once(*lease.undo))
    return lose_undo(id, "the remediator ended while it was undone (" +
                             lease.undo->plan.steps[lease.undo->step].name +
                             "), which cannot be confirmed");
  confirm_undo(lease, Time{});
}

void Deciding::confirm_undo(const Lease& lease, Time not_before) {
  release(undo_effect<Confirm>(lease), not_before);
  wake_at(lease, lease.phase_since + 2 * lease.made_by().timeout + kGrace);
}

void Deciding::undo_confirmed(const Lease& lease, const ConfirmDone& input) {
  if (undo_stale(lease, input.attempt, input.step, LeasePhase::UndoConfirming,
                 "confirm of an undo"))
    return;
  if (lease.undo->confirm != input.answer)
    emit(UndoConfirmed{lease.incident, lease.id, input.attempt, input.step, input.answer,
                       input.evidence});
  const bool time_is_up = now_ >= lease.phase_since + 2 * lease.made_by().timeout;
  switch (input.answer) {
    case Confirmed::Applied: return undo_step_confirmed(lease.id);
    case Confirmed::NotApplied:
      if (lease.undo->intended_in != state_.epoch)
        return defer_undo(lease.id, "what was intended before the restart was not done");
      return fail_undo(lease.id, "applied, but: " + input.evidence);
    case Confirmed::InProgress:
    case Confirmed::Unknown: break;
  }
  if (!time_is_up) return release(undo_effect<Confirm>(lease), now_ + kConfirmAgain);
  release(CancelAttempt{lease.undo->id});
  lose_undo(lease.id, "cannot be confirmed: " + input.evidence);
}

void Deciding::undo_step_confirmed(IncidentId id) {
  const Lease& lease = *state_.find_lease(id);
  const std::uint32_t next = lease.undo->step + 1;
  if (next >= lease.undo->plan.steps.size()) return undone(id, lease.undo->plan.summary);
  if (lease.undo->intended_in != state_.epoch)
    return defer_undo(id, "the remediator was restarted between two steps");
  intend_undo(id, next);
}

}  // namespace fieldmedic::core
