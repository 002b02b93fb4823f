// Temporary changes (S14): taken with the intent, watched until their terms are over, then undone
// (decide_undo.cpp) or left to a person.
#include <algorithm>

#include "remediator/core/deciding.hpp"
#include "remediator/core/held.hpp"

namespace fieldmedic::core {
namespace {

std::string said(const std::string& by, const std::string& reason) {
  return reason.empty() ? "by " + by : "by " + by + ": " + reason;
}

// The first check of `until` that does not pass, in words; empty: all pass.
std::string not_well(const Lease& lease) {
  const std::vector<CheckSpec>& until = lease.terms().until;
  if (lease.checks.size() != until.size()) return "the checks of its end did not answer";
  for (std::size_t i = 0; i < until.size(); ++i) {
    const CheckAnswer& answer = lease.checks[i].answer;
    if (answer.verdict != Verdict::Pass)
      return until[i].check.type + " (" + std::string(to_string(answer.verdict)) +
             "): " + answer.evidence;
  }
  return {};
}

}  // namespace

// Before the first intent of a temporary change. A change that the incident has made already in
// part, and goes on with, is the same lease: what it began with is what the undo goes back to.
void Deciding::take_lease(IncidentId id) {
  const Incident& incident = *find(id);
  const std::string& resource = incident.attempt->plan.lease->resource;
  for (const auto& [number, lease] : state_.leases)
    if (lease.resource() == resource) return;
  const IncidentId number = state_.last_incident + 1;
  emit(LeaseTaken{id, number, incident.attempt->id, resource,
                  now_ + incident.current_tier().lease->length});
  watch_lease(*state_.find_lease(number));
}

// So that a plan made again goes on with what was begun, instead of once more beyond it.
std::vector<Plan> Deciding::made_by(IncidentId id, const Spec& action) const {
  std::vector<Plan> made;
  for (const auto& [number, lease] : state_.leases)
    if (lease.incident == id && lease.made_by().action.type == action.type)
      made.push_back(lease.plan);
  return made;
}

// The first step of its attempt is proved not to have been made.
void Deciding::void_lease(const AttemptId& attempt, const std::string& reason) {
  const auto found = std::ranges::find_if(
      state_.leases, [&](const auto& each) { return each.second.attempt == attempt; });
  if (found != state_.leases.end()) emit(LeaseVoided{found->second.incident, found->first, reason});
}

void Deciding::watch_lease(const Lease& lease) {
  if (!lease.terms().until.empty()) ask_until(lease, Time{});
  wake_at(lease, std::max(now_, lease.ends_at));
}

void Deciding::ask_until(const Lease& lease, Time not_before) {
  release(RunChecks{lease.id,
                    lease.round,
                    lease.target,
                    {lease.playbook, &lease.terms().until},
                    RunChecks::Until::AllAnswer},
          not_before);
}

void Deciding::wake_at(const Lease& lease, Time time) {
  release(Wake{lease.id, lease.round}, time);
}

void Deciding::lease_looked(const Lease& lease, const ChecksDone& input) {
  if (lease.phase != LeasePhase::Held || lease.round != input.round) return;
  if (input.answers.size() != lease.terms().until.size()) return;
  if (!same_verdicts(lease.checks, input.answers))
    emit(LeaseLooked{lease.incident, lease.id, input.answers});
  const auto held = held_at(lease.checks, lease.terms().until);
  // While its incident is open, the proof of the repair stands on it.
  if (held && now_ >= *held && find(lease.incident) == nullptr)
    return end_lease(lease.id, LeaseEnd::UntilHeld, "what it waits for passes and held");
  const Time next = now_ + lease.terms().interval;
  ask_until(lease, held && *held > now_ ? std::min(next, *held) : next);
}

void Deciding::lease_timer(const Lease& lease) {
  switch (lease.phase) {
    case LeasePhase::Held: return judge_lease(lease);
    case LeasePhase::Ending: return begin_undo(lease.id);
    case LeasePhase::UndoPlanning:
      release(CancelAttempt{lease.undo->id});
      return defer_undo(lease.id, "no plan in time: the target did not answer");
    case LeasePhase::Undoing: return undo_overdue(lease);
    case LeasePhase::UndoConfirming:
      release(CancelAttempt{lease.undo->id});
      return lose_undo(lease.id, "whether it was undone cannot be read: no answer in time");
    case LeasePhase::HandedOver: return;
  }
}

// Its time is up. Sick, or not known to be well: a person decides whether the change may go.
void Deciding::judge_lease(const Lease& lease) {
  if (now_ < lease.ends_at) return wake_at(lease, lease.ends_at);
  // After a start or a sleep of ours the checks get the time to answer.
  const Time answered = std::max(lease.ends_at, lease.phase_since) + kChecksGrace;
  if (!lease.terms().until.empty() && lease.checks.empty() && now_ < answered)
    return wake_at(lease, answered);
  std::string sick = not_well(lease);
  const auto open = state_.open_by_target.find(key_of(lease.target));
  if (open != state_.open_by_target.end())
    sick = "incident " + std::to_string(open->second) + " on its target is open";
  if (sick.empty())
    return end_lease(lease.id, LeaseEnd::RanOut, "its time is up, and its target is well");
  hand_over_lease(lease.id, "its time is up while its target is not well: " + sick);
}

void Deciding::end_lease(IncidentId id, LeaseEnd how, const std::string& reason) {
  emit(LeaseEnded{state_.find_lease(id)->incident, id, how, reason});
  begin_undo(id);
}

void Deciding::hand_over_lease(IncidentId id, const std::string& reason) {
  const Lease& lease = *state_.find_lease(id);
  emit(LeaseHandedOver{lease.incident, id, lease.made_by().action.type, reason});
  tell(as_incident(*state_.find_lease(id)), MessageKind::HandedOver);
}

// What was under way with leases when we ended.
void Deciding::resume_leases() {
  std::vector<IncidentId> ids;
  for (const auto& [id, lease] : state_.leases) ids.push_back(id);
  for (const IncidentId id : ids) {
    const Lease& lease = *state_.find_lease(id);
    switch (lease.phase) {
      case LeasePhase::Held: watch_lease(lease); break;
      case LeasePhase::Ending:
      case LeasePhase::UndoPlanning: begin_undo(id); break;
      case LeasePhase::Undoing:
      case LeasePhase::UndoConfirming: look_up_undo(id); break;
      case LeasePhase::HandedOver: break;
    }
  }
}

void Deciding::on(const EndLease& input) {
  const Lease* lease = state_.find_lease(input.lease);
  if (lease == nullptr)
    return answer(fail(Errc::NotFound, "no open lease " + std::to_string(input.lease)));
  const bool idle = lease->phase == LeasePhase::Held || lease->phase == LeasePhase::HandedOver;
  const std::string by = said(input.by, input.reason);
  switch (input.order) {
    case LeaseOrder::Settle:
      if (!idle && lease->phase != LeasePhase::Ending)
        return answer(fail(Errc::Conflict, "it is being undone at this moment"));
      emit(LeaseSettled{lease->incident, lease->id, by});
      return answer({});
    case LeaseOrder::Undo:
      if (!idle) return answer(fail(Errc::Conflict, "it is being undone already"));
      if (lease->undo)
        return answer(fail(Errc::Conflict, "what its undo did is not known (" + lease->reason +
                                               "): look, undo it by hand and settle it"));
      end_lease(lease->id, LeaseEnd::ByPerson, by);
      return answer({});
  }
}

}  // namespace fieldmedic::core
