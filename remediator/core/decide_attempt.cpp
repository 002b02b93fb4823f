// One tier's action: plan, guard, intend, apply, confirm. The journal is before each effect by
// construction.
#include <algorithm>

#include "remediator/core/deciding.hpp"
#include "remediator/core/scope.hpp"
#include "remediator/core/tier_condition.hpp"
#include "remediator/core/unknown.hpp"

namespace fieldmedic::core {
namespace {

constexpr Duration kConfirmAgain{1'000};
// How often one tier may be planned again because the world had moved on.
constexpr std::uint32_t kMostPlansAnew = 3;

template <class E>
E step_effect(const Incident& incident) {
  E effect;
  effect.incident = incident.id;
  effect.attempt = incident.attempt->id;
  effect.target = incident.target;
  effect.action = incident.current_tier().action;
  effect.plan = incident.attempt->plan;
  effect.step = incident.attempt->step;
  effect.timeout = incident.current_tier().timeout;
  return effect;
}

}  // namespace

void Deciding::diagnose(IncidentId id, std::string reason) {
  if (comes_to_wait(id)) return;
  emit(DiagnosisStarted{id, std::move(reason)});
  begin_diagnosis(*find(id));
}

// That the remediator began (Started) made its round a new one: a record of each of a storm's
// incidents would keep a restart waiting for the disk.
void Deciding::diagnose_on(IncidentId id) {
  if (!comes_to_wait(id)) begin_diagnosis(*find(id));
}

void Deciding::begin_diagnosis(const Incident& incident) {
  ask_checks(incident, Time{});
  wake_at(incident, now_ + longest(incident.playbook->verify) + kChecksGrace);
}

// Leaves out the tiers that do not apply. Whether one is left; otherwise the incident is over.
bool Deciding::skip_tiers(IncidentId id) {
  for (;;) {
    const Incident& incident = *find(id);
    const Applicability found = applicability(incident.current_tier(), incident);
    if (found.truth == Truth::Yes) return true;
    const std::string name = incident.current_tier().name;
    const std::size_t tiers = incident.playbook->tiers.size();
    emit(TierSkipped{id, incident.tier, found.truth, "\"" + name + "\" is left out: " + found.why});
    if (find(id)->tier < tiers) continue;
    hand_over(id, "no remedy left; the last, \"" + name + "\", was left out: " + found.why);
    return false;
  }
}

void Deciding::request_plan(IncidentId id) {
  if (comes_to_wait(id)) return;
  if (!skip_tiers(id)) return;
  const Incident& incident = *find(id);
  if (const auto no = ask_guards(policy_, state_, incident, nullptr, now_)) return refuse(id, *no);
  const AttemptId attempt =
      state_.journal_id + "-" + std::to_string(id) + "-" + std::to_string(incident.attempts + 1);
  emit(PlanRequested{id, attempt, incident.tier});
  const Tier& tier = incident.current_tier();
  release(MakePlan{id, attempt, incident.target, incident.labels.unpacked(), tier.action,
                   tier.timeout, made_by(id, tier.action)});
  wake_at(incident, now_ + tier.timeout + kGrace);
}

void Deciding::refuse(IncidentId id, const Refusal& refusal) {
  const Incident& incident = *find(id);
  const bool impatient = incident.waiting_since &&
                         now_ - *incident.waiting_since >= incident.playbook->limits.patience;
  emit(GuardRefused{id, std::string(to_string(refusal.guard)), refusal.reason, refusal.retry_at});
  if (!refusal.retry_at) return hand_over(id, refusal.reason);
  if (impatient) return hand_over(id, "waited too long: " + refusal.reason);
  wake_at(incident, *refusal.retry_at);
}

// Whether an answer is about something else than what the incident waits for; then it is only
// recorded (S1).
bool Deciding::stale(IncidentId id, const AttemptId& attempt, std::uint32_t step, Phase phase,
                     const char* what) {
  const Incident* incident = find(id);
  if (incident != nullptr && incident->phase == phase && incident->attempt &&
      incident->attempt->id == attempt && incident->attempt->step == step)
    return false;
  emit(StaleResult{id, attempt, what});
  return true;
}

void Deciding::on(const Planned& input) {
  if (const Lease* lease = state_.find_lease(input.incident)) return undo_planned(*lease, input);
  if (stale(input.incident, input.attempt, 0, Phase::Planning, "plan")) return;
  const IncidentId id = input.incident;
  if (comes_to_wait(id)) return;
  if (!input.plan) {
    const Error& error = input.plan.error();
    if (is_unknown(error.code))
      return refuse(id, {Guard::Unreadable, "no plan: " + error.message, now_ + kRetry});
    return fail_tier(id, error.message);
  }
  if (input.plan->steps.empty()) return fail_tier(id, "there is nothing for it to do");
  emit(PlanMade{id, input.attempt, *input.plan});
  const Incident& incident = *find(id);
  if (const auto no = ask_guards(policy_, state_, incident, &incident.attempt->plan, now_))
    return refuse(id, *no);
  if (const auto no = ask_health(policy_, incident, incident.attempt->plan, input.health, now_))
    return refuse(id, *no);
  if (policy_.playbooks.find(incident.playbook->name)->second.mode == Mode::DryRun)
    return hand_over(id, "dry run, nothing was changed; would " + incident.attempt->plan.summary);
  if (const std::string no = unfit_lease(incident.attempt->plan, incident.current_tier());
      !no.empty())
    return hand_over(id, no);
  if (!is_approved(incident, input.hash)) return ask_approval(id, input.hash);
  intend(id, 0);
}

void Deciding::intend(IncidentId id, std::uint32_t step) {
  const Incident& incident = *find(id);
  if (step == 0 && incident.attempt->plan.lease) take_lease(id);
  emit(ApplyIntended{id, incident.attempt->id, step, incident.current_tier().action.type,
                     incident.attempt->plan.steps[step].name});
  release(step_effect<Apply>(incident));
  wake_at(incident, now_ + incident.current_tier().timeout + kGrace);
}

void Deciding::on(const ApplyDone& input) {
  if (const Lease* lease = state_.find_lease(input.incident)) return undo_applied(*lease, input);
  if (stale(input.incident, input.attempt, input.step, Phase::Acting, "apply")) return;
  const IncidentId id = input.incident;
  const Incident& incident = *find(id);
  emit(ApplyFinished{id, input.attempt, input.step, incident.current_tier().action.type,
                     input.outcome, input.evidence});
  const bool nothing = input.outcome == Applied::Refused || input.outcome == Applied::WorldDiffers;
  if (nothing && input.step == 0) void_lease(input.attempt, input.evidence);
  const Confirmable confirmable = incident.attempt->plan.steps[input.step].confirmable;
  switch (input.outcome) {
    case Applied::Refused: return fail_tier(id, input.evidence);
    case Applied::WorldDiffers: return plan_anew(id, input.evidence);
    case Applied::Done:
      if (confirmable == Confirmable::AtMostOnce) return step_confirmed(id);
      break;
    case Applied::Unknown:
      if (confirmable == Confirmable::AtMostOnce)
        return hand_over(
            id, "it may or may not have been done, and cannot be confirmed: " + input.evidence);
      break;
  }
  ask_confirm(incident, Time{});
}

// Nothing was changed, so the tier is as good as before: look, and plan on what is there now.
void Deciding::plan_anew(IncidentId id, const std::string& evidence) {
  if (find(id)->plans_anew > kMostPlansAnew)
    return fail_tier(id, "the world changed under each of its plans: " + evidence);
  diagnose(id, "planned anew, since the world differs from the plan: " + evidence);
}

void Deciding::ask_confirm(const Incident& incident, Time not_before) {
  release(step_effect<Confirm>(incident), not_before);
  wake_at(incident, incident.phase_since + 2 * incident.current_tier().timeout + kGrace);
}

void Deciding::on(const ConfirmDone& input) {
  if (const Lease* lease = state_.find_lease(input.incident)) return undo_confirmed(*lease, input);
  if (stale(input.incident, input.attempt, input.step, Phase::Confirming, "confirm")) return;
  const Incident& incident = *find(input.incident);
  if (incident.attempt->confirm != input.answer)
    emit(ConfirmAnswered{incident.id, input.attempt, input.step, input.answer, input.evidence,
                         input.left});
  if (input.answer == Confirmed::Applied) return step_confirmed(incident.id);
  unconfirmed(incident.id, input);
}

void Deciding::step_confirmed(IncidentId id) {
  const Incident& incident = *find(id);
  const std::uint32_t next = incident.attempt->step + 1;
  if (next >= incident.attempt->plan.steps.size()) return verify(id);
  if (comes_to_wait(id)) return;
  // The rest of a plan made before our restart is old news: look again, and plan what is left.
  if (incident.attempt->intended_in != state_.epoch)
    return diagnose(id, "the remediator was restarted between two steps");
  intend(id, next);
}

void Deciding::unconfirmed(IncidentId id, const ConfirmDone& answer) {
  const Incident& incident = *find(id);
  const bool from_before = incident.attempt->intended_in != state_.epoch;
  const bool time_is_up = now_ >= incident.phase_since + 2 * incident.current_tier().timeout;
  switch (answer.answer) {
    case Confirmed::NotApplied:
      if (answer.step == 0) void_lease(answer.attempt, answer.evidence);
      if (from_before) return diagnose(id, "what was intended before the restart was not done");
      return fail_tier(id, "applied, but: " + answer.evidence);
    case Confirmed::InProgress:
    case Confirmed::Unknown:
      if (time_is_up) {
        release(CancelAttempt{incident.attempt->id});
        return hand_over(id, "cannot be confirmed (" + std::string(to_string(answer.answer)) +
                                 "): " + answer.evidence);
      }
      return release(step_effect<Confirm>(incident), now_ + kConfirmAgain);
    case Confirmed::Applied: return;
  }
}

void Deciding::verify(IncidentId id) {
  if (comes_to_wait(id)) return;
  emit(VerificationStarted{id, find(id)->attempt->id});
  const Incident& incident = *find(id);
  ask_checks(incident, Time{});
  wake_at(incident, now_ + longest(incident.playbook->verify) + kChecksGrace);
}

void Deciding::fail_tier(IncidentId id, const std::string& reason) {
  const Incident& incident = *find(id);
  const std::string name = incident.current_tier().name;
  const bool verified = incident.phase == Phase::Verifying;
  emit(TierFailed{id, incident.tier, reason});
  if (verified) trip_breakers(breakers_of(incident));
  if (incident.tier >= incident.playbook->tiers.size())
    return hand_over(id, "no remedy left; the last, \"" + name + "\": " + reason);
  diagnose(id, "\"" + name + "\" did not help: " + reason);
}

}  // namespace fieldmedic::core
