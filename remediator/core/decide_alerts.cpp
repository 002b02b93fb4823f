// Alerts come in: one open incident a target (S5), an occurrence is used once, resolved is only a
// hint (S6).
#include <algorithm>

#include "remediator/core/deciding.hpp"

namespace fieldmedic::core {
namespace {

int relapses_today(const TargetHistory& history, Time now) {
  return static_cast<int>(std::ranges::count_if(
      history.relapses, [&](Time at) { return now - at < std::chrono::hours(24); }));
}

// Whether a new fault now is the last one come back.
bool is_relapse(const TargetHistory& history, const Playbook& playbook, Time now) {
  return history.last_incident != 0 && history.last_acted &&
         now - history.last_end < playbook.relapse.within;
}

}  // namespace

void Deciding::on(const AlertBatch& input) {
  for (const RoutedAlert& routed : input.alerts) receive(routed);
  if (!input.lost.empty()) ask_back(input.lost);
}

void Deciding::receive(const RoutedAlert& routed) {
  const AlertKey& key = routed.alert.key;
  const AlertStatus status = routed.alert.status;
  const auto known = state_.alerts.find(key);
  if (known != state_.alerts.end() && known->second.incident != 0) {
    const AlertRecord record = known->second;
    if (record.status == status || record.status == AlertStatus::Resolved) {
      if (find(record.incident) == nullptr) decision_.repeated.push_back(IgnoreReason::AlreadyUsed);
      return;  // said before; and what was resolved cannot fire again under the same startsAt
    }
    emit(AlertReceived{key, status, record.incident});
    const Incident* incident = find(record.incident);
    if (incident != nullptr && incident->phase == Phase::Waiting && !incident->still_alerting())
      diagnose(record.incident, "its alerts are resolved: is it well?");
    return;
  }
  if (routed.playbook == nullptr) return ignore(routed, routed.ignored, routed.why);
  if (status == AlertStatus::Resolved)
    return ignore(routed, IgnoreReason::UnknownResolved, "resolved, and no incident knows it");
  const auto open = state_.open_by_target.find(key_of(routed.target));
  if (open == state_.open_by_target.end()) return open_incident(routed);
  emit(AlertReceived{key, status, open->second});
}

void Deciding::ignore(const RoutedAlert& routed, IgnoreReason reason, const std::string& why) {
  const auto known = state_.alerts.find(routed.alert.key);
  if (known != state_.alerts.end() && known->second.ignored == reason &&
      known->second.status == routed.alert.status) {
    decision_.repeated.push_back(reason);
    return;
  }
  emit(AlertIgnored{routed.alert.key, routed.alert.status, reason, why, routed.alert.labels});
}

void Deciding::open_incident(const RoutedAlert& routed) {
  const Playbook& playbook = *routed.playbook;
  const IncidentId id = state_.last_incident + 1;
  const auto found = state_.targets.find(key_of(routed.target));
  const bool relapse = found != state_.targets.end() && is_relapse(found->second, playbook, now_);
  const IncidentId before = relapse ? found->second.last_incident : 0;
  const std::uint32_t tier = relapse ? found->second.last_tier : 0;

  emit(IncidentOpened{id, routed.target, playbook, routed.alert.labels, before, tier});
  emit(AlertReceived{routed.alert.key, routed.alert.status, id});
  if (relapse) {
    const int today = relapses_today(state_.targets.find(key_of(routed.target))->second, now_);
    if (today > playbook.relapse.per_day)
      return hand_over(id, "it came back " + std::to_string(today) + " times within a day");
    if (tier >= playbook.tiers.size())
      return hand_over(id, "it came back soon after incident " + std::to_string(before) +
                               ", which had no remedy left");
  }
  const Incident& incident = *find(id);
  ask_checks(incident, Time{});
  wake_at(incident, now_ + playbook.verify.within + kGrace);
}

void Deciding::ask_back(const std::string& why) {
  const bool waiting = state_.reconcile_wanted;
  emit(IntakeLost{why});
  if (!policy_.alertmanager_known)
    tell_self("Alerts were lost and cannot be asked back",
              why + "; no alertmanager is configured to ask");
  else if (!waiting)
    release(Reconcile{});
}

}  // namespace fieldmedic::core
