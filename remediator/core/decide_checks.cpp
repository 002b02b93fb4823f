// What the checks say: is it sick (before anything is done), is it well (after).
#include <algorithm>

#include "remediator/core/deciding.hpp"
#include "remediator/core/held.hpp"
#include "remediator/core/tier_condition.hpp"

namespace fieldmedic::core {
namespace {

constexpr std::string_view kKeepsFiring =
    "every check passes while its alert keeps firing: nothing here that this playbook could repair";

// The first check with this verdict, as "process: no process matches"; empty when there is none.
std::string first_with(const Incident& incident, Verdict verdict) {
  for (std::size_t i = 0; i < incident.checks.size(); ++i)
    if (incident.checks[i].answer.verdict == verdict)
      return incident.playbook->verify.checks[i].check.type + ": " +
             incident.checks[i].answer.evidence;
  return {};
}

}  // namespace

void Deciding::ask_checks(const Incident& incident, Time not_before) {
  const bool one_is_enough =
      incident.phase == Phase::Diagnosing && !asks_for_checks(*incident.playbook);
  const auto until = one_is_enough ? RunChecks::Until::FirstFail : RunChecks::Until::AllAnswer;
  release(RunChecks{incident.id,
                    incident.round,
                    incident.target,
                    {incident.playbook, &incident.playbook->verify.checks},
                    until},
          not_before);
}

void Deciding::on(const ChecksDone& input) {
  if (const Lease* lease = state_.find_lease(input.incident)) return lease_looked(*lease, input);
  const Incident* incident = find(input.incident);
  if (incident == nullptr || incident->round != input.round) return;
  if (input.answers.size() != incident->playbook->verify.checks.size()) return;
  if (!same_verdicts(incident->checks, input.answers))
    emit(ChecksAnswered{input.incident, input.answers});
  switch (incident->phase) {
    case Phase::Diagnosing: return judge_diagnosis(*incident);
    case Phase::Verifying: return judge_verification(*incident);
    case Phase::Planning:
    case Phase::Waiting:
    case Phase::Approving:
    case Phase::Acting:
    case Phase::Confirming:
    case Phase::Suspended:
    case Phase::Recovered:
    case Phase::HandedOver:
    case Phase::Cancelled: return;
  }
}

// One failing check is evidence enough to act. All passing for their hold: nothing to repair.
// Unknown is never a reason to act: it is asked again, and then a person is told. Nor is it a
// reason to leave a mild remedy out in haste.
void Deciding::judge_diagnosis(const Incident& incident) {
  const Verification& verify = incident.playbook->verify;
  const auto held = held_at(incident.checks, incident.playbook->verify.checks);
  const bool time_is_up = now_ >= incident.phase_since + verify.within;
  if (!first_with(incident, Verdict::Fail).empty()) {
    if (incident.playbook->tiers.empty()) return watch(incident);
    if (time_is_up || !applicability(incident.current_tier(), incident).may_be_told)
      return request_plan(incident.id);
    return ask_checks(incident, now_ + verify.interval);
  }
  if (held && now_ >= *held) {
    if (incident.acted) return recover(incident.id, "every check passes and held");
    if (!incident.still_alerting())
      return cancel(
          incident.id,
          "well before anything was done: every check passes and its alerts are resolved");
    if (time_is_up) return judge_alerting(incident);
  }
  if (!held && time_is_up)
    return hand_over(incident.id,
                     "cannot tell whether it is sick: " + first_with(incident, Verdict::Unknown));
  ask_checks(incident, now_ + verify.interval);
}

// Sick, and the playbook has no remedy: those that it owns wait, for so long as its patience lasts.
void Deciding::watch(const Incident& incident) {
  const std::string failing = first_with(incident, Verdict::Fail);
  if (now_ >= incident.opened_at + incident.playbook->limits.patience)
    return hand_over(incident.id, "its playbook has no remedy, and it lasts: " + failing);
  if (now_ >= incident.phase_since + incident.playbook->verify.within)
    return diagnose(incident.id, "it lasts: " + failing);
  ask_checks(incident, now_ + incident.playbook->verify.interval);
}

// Well, and no end of its alerts was heard of: it may have been lost on its way (S6).
void Deciding::judge_alerting(const Incident& incident) {
  if (!policy_.alertmanager_known) return hand_over(incident.id, std::string(kKeepsFiring));
  release(AskAlerts{incident.id, incident.round});
}

void Deciding::on(const AlertsAsked& input) {
  const Incident* incident = find(input.incident);
  if (incident == nullptr || incident->round != input.round) return;
  if (!input.existing)
    return hand_over(incident->id,
                     "every check passes, and whether its alert still fires cannot "
                     "be told: " +
                         input.existing.error().message);
  const bool fires = std::ranges::any_of(*input.existing, [&](const AlertKey& key) {
    const auto known = incident->alerts.find(key);
    return known != incident->alerts.end() && known->second.status == AlertStatus::Firing;
  });
  if (fires) return hand_over(incident->id, std::string(kKeepsFiring));
  cancel(incident->id,
         "well before anything was done: every check passes, and Alertmanager has its alerts no "
         "more, whose end was lost");
}

void Deciding::judge_verification(const Incident& incident) {
  const Verification& verify = incident.playbook->verify;
  const auto held = held_at(incident.checks, incident.playbook->verify.checks);
  if (held && now_ >= *held)
    return recover(incident.id,
                   "every check passes and held after: " + incident.current_tier().name);
  if (!held && now_ >= incident.phase_since + verify.within) {
    const std::string failing = first_with(incident, Verdict::Fail);
    if (!failing.empty()) return fail_tier(incident.id, "not well after it: " + failing);
    return hand_over(incident.id, "cannot tell whether it is well again: " +
                                      first_with(incident, Verdict::Unknown));
  }
  const Time next = now_ + verify.interval;
  ask_checks(incident, held ? std::min(next, *held) : next);
}

}  // namespace fieldmedic::core
