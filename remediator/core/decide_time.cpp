// Time passes, and the remediator comes back from a crash.
#include "remediator/core/deciding.hpp"

namespace fieldmedic::core {

// A timer is the last resort behind every question: it fires when the answer did not come. What it
// ends is decided on the state as it is now, so an old timer does nothing (its round has passed).
void Deciding::on(const Timer& input) {
  if (const Lease* lease = state_.find_lease(input.incident); lease != nullptr)
    return lease->round == input.round ? lease_timer(*lease) : void();
  const Incident* incident = find(input.incident);
  if (incident == nullptr || incident->round != input.round) return;
  const IncidentId id = input.incident;
  switch (incident->phase) {
    case Phase::Waiting: return wait_on(*incident);
    case Phase::Approving: return approval_expired(*incident);
    case Phase::Suspended: return look_at_owner(*incident);
    case Phase::Diagnosing: return hand_over(id, "the checks did not answer in time");
    case Phase::Planning:
      release(CancelAttempt{incident->attempt->id});
      return hand_over(id, "no plan in time: the target did not answer");
    case Phase::Acting: {
      release(CancelAttempt{incident->attempt->id});
      emit(ApplyFinished{id, incident->attempt->id, incident->attempt->step,
                         incident->current_tier().action.type, Applied::Unknown,
                         "no answer in time"});
      if (find(id)->attempt->plan.steps[find(id)->attempt->step].confirmable ==
          Confirmable::AtMostOnce)
        return hand_over(id, "it did not end in time, and what it did cannot be confirmed");
      return ask_confirm(*find(id), Time{});
    }
    case Phase::Confirming:
      release(CancelAttempt{incident->attempt->id});
      return hand_over(id, "whether it was done cannot be read: no answer in time");
    case Phase::Verifying:
      return hand_over(id, "the checks did not answer in time after the repair");
    case Phase::Recovered:
    case Phase::HandedOver:
    case Phase::Cancelled: return;
  }
}

// The guards are asked again without a word in the journal; only a new answer is news.
void Deciding::wait_on(const Incident& incident) {
  Plan refused;  // as far as the guards look at it
  refused.resources = incident.wanted;
  const auto no = ask_guards(policy_, state_, incident, &refused, now_);
  if (!no) return diagnose(incident.id, "asked again after: " + incident.reason);
  const bool patient = now_ - *incident.waiting_since < incident.playbook->limits.patience;
  if (no->retry_at && patient && to_string(no->guard) == incident.refused_by)
    return wake_at(incident, *no->retry_at);
  refuse(incident.id, *no);
}

// Everything that was under way when we ended is looked at again; nothing is repeated blindly (S1).
void Deciding::on(const Resume&) {
  // Before anything is queued here, which goes out by itself.
  for (const auto& [id, entry] : state_.outbox)
    release(Deliver{id, entry.queued.receiver, entry.queued.channel, entry.queued.message},
            entry.not_before);
  std::vector<IncidentId> ids;
  for (const auto& [id, incident] : state_.open) ids.push_back(id);
  decision_.effects.reserve(decision_.effects.size() + 2 * ids.size());  // a question and a timer
  for (const IncidentId id : ids) {
    const Incident& incident = *find(id);
    switch (incident.phase) {
      case Phase::Diagnosing: diagnose_on(id); break;
      case Phase::Planning:
      case Phase::Waiting: diagnose(id, "the remediator was restarted"); break;
      case Phase::Acting:
      case Phase::Confirming:
        if (incident.attempt->plan.steps[incident.attempt->step].confirmable ==
            Confirmable::AtMostOnce)
          hand_over(id, "the remediator ended while it ran \"" + incident.current_tier().name +
                            "\" (" + incident.attempt->plan.steps[incident.attempt->step].name +
                            "), which cannot be confirmed and is never repeated");
        else
          ask_confirm(incident, Time{});
        break;
      case Phase::Approving:
        // Silence is an answer only where somebody could have spoken.
        if (now_ >= incident.asked->expires_at)
          diagnose(id, "nobody could answer while the remediator was away, so it is asked anew");
        else
          wake_at(incident, incident.asked->expires_at);
        break;
      case Phase::Verifying: verify(id); break;
      case Phase::Suspended: look_at_owner(incident); break;
      case Phase::Recovered:
      case Phase::HandedOver:
      case Phase::Cancelled: break;
    }
  }
  resume_leases();
  if (state_.reconcile_wanted && policy_.alertmanager_known) release(Reconcile{0, state_.losses});
  expect_watchdog();
}

// Nobody looked while the machine slept (S8): what was asked is asked anew, a hold starts at zero.
// Timers are the engine's to look at again.
void Deciding::on(const Slept& input) {
  emit(TimeLost{input.by});
  std::vector<IncidentId> ids;
  for (const auto& [id, incident] : state_.open) ids.push_back(id);
  for (const IncidentId id : ids) switch (find(id)->phase) {
      case Phase::Diagnosing: diagnose(id, "the machine slept, so it is asked anew"); break;
      case Phase::Verifying: verify(id); break;
      case Phase::Approving:
        if (now_ >= find(id)->asked->expires_at)
          diagnose(id, "nobody could answer while the machine slept, so it is asked anew");
        break;
      case Phase::Planning:
      case Phase::Waiting:
      case Phase::Acting:
      case Phase::Confirming:
      case Phase::Suspended:
      case Phase::Recovered:
      case Phase::HandedOver:
      case Phase::Cancelled: break;
    }
  for (const auto& [id, lease] : state_.leases)
    if (lease.phase == LeasePhase::Held) watch_lease(lease);
  expect_watchdog();
}

// S21: the alert that always fires is the sign that alerts reach us at all.
void Deciding::on(const WatchdogMissed&) {
  // Switched off by a reload: when it is on again, a loss is news again.
  if (policy_.watchdog_within == Duration{0} && state_.watchdog_lost) emit(WatchdogReturned{});
  if (policy_.watchdog_within > Duration{0} && !state_.watchdog_lost) {
    emit(WatchdogLost{policy_.watchdog_within});
    tell_self("No Watchdog alert comes in",
              "none for " +
                  std::to_string(
                      std::chrono::ceil<std::chrono::seconds>(policy_.watchdog_within).count()) +
                  " s: Prometheus, Alertmanager or the way from there is down, and faults are not "
                  "seen meanwhile");
  }
  expect_watchdog();
}

void Deciding::expect_watchdog() {
  constexpr Duration kWhenOff{300'000};  // a reload may want it
  release(ExpectWatchdog{},
          now_ + (policy_.watchdog_within > Duration{0} ? policy_.watchdog_within : kWhenOff));
}

}  // namespace fieldmedic::core
