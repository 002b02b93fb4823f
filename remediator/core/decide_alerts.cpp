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

std::string playbook_of(const RoutedAlert& routed) {
  return routed.playbook == nullptr ? std::string() : routed.playbook->name;
}

std::string name_of(const Alert& alert) {
  const auto name = alert.labels.find("alertname");
  return name == alert.labels.end() ? std::string() : name->second;
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
  if (!input.watchdog) return;
  if (state_.watchdog_lost) {
    emit(WatchdogReturned{});
    tell_self("The Watchdog alert comes again", "alerts reach this remediator again");
  }
  expect_watchdog();
}

void Deciding::receive(const RoutedAlert& routed) {
  const AlertKey& key = routed.alert.key;
  const AlertStatus status = routed.alert.status;
  const auto known = state_.alerts.find(key);
  if (known != state_.alerts.end() && known->second.incident != 0) {
    const AlertRecord record = known->second;
    if (record.status == status || record.status == AlertStatus::Resolved) {
      if (find(record.incident) == nullptr) used_again(key, record);
      return;  // said before; and what was resolved cannot fire again under the same startsAt
    }
    emit(AlertReceived{key, status, record.incident, playbook_of(routed), name_of(routed.alert)});
    const Incident* incident = find(record.incident);
    const bool idle = incident != nullptr &&
                      (incident->phase == Phase::Waiting || incident->phase == Phase::Approving);
    if (idle && !incident->still_alerting())
      diagnose(record.incident, "its alerts are resolved: is it well?");
    return;
  }
  if (routed.playbook == nullptr) return ignore(routed, routed.ignored, routed.why);
  if (status == AlertStatus::Resolved)
    return ignore(routed, IgnoreReason::UnknownResolved, "resolved, and no incident knows it");
  const auto open = state_.open_by_target.find(key_of(routed.target));
  if (open == state_.open_by_target.end()) return open_incident(routed);
  emit(AlertReceived{key, status, open->second, playbook_of(routed), name_of(routed.alert)});
}

// S5: an alert that fires on after the proof of recovery says that the checks do not see what it
// sees.
void Deciding::used_again(const AlertKey& key, const AlertRecord& record) {
  decision_.repeated.push_back(IgnoreReason::AlreadyUsed);
  if (record.persists || record.status == AlertStatus::Resolved) return;
  const auto ended = std::ranges::find(state_.ended, record.incident, &Incident::id);
  if (ended == state_.ended.end() || ended->phase != Phase::Recovered) return;
  if (now_ - ended->phase_since < ended->playbook->verify.within) return;
  Incident incident = *ended;
  incident.reason = "its alert keeps firing although every check passes since its recovery";
  emit(AlertPersists{key, incident.id});
  tell(incident, MessageKind::HandedOver);
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
  WideFault fault{Fault::Node, ""};
  if (routed.target.kind == TargetKind::Group)
    fault = {Fault::Cluster, "an alert on the whole group: " + name_of(routed.alert)};
  open({routed.target, *routed.playbook, routed.alert.labels, fault, &routed.alert});
}

void Deciding::open(const Opening& opening) {
  const Playbook& playbook = opening.playbook;
  const IncidentId id = state_.last_incident + 1;
  const auto found = state_.targets.find(key_of(opening.target));
  const bool relapse = found != state_.targets.end() && is_relapse(found->second, playbook, now_);
  const IncidentId before = relapse ? found->second.last_incident : 0;
  const bool same_ladder = relapse && found->second.last_playbook == playbook.name;
  const std::uint32_t tier = same_ladder ? found->second.last_tier : 0;

  emit(IncidentOpened{id, opening.target, playbook, opening.labels, before, tier,
                      opening.fault.fault, opening.fault.why});
  if (opening.alert != nullptr)
    emit(AlertReceived{opening.alert->key, opening.alert->status, id, playbook.name,
                       name_of(*opening.alert)});
  if (opening.fault.fault != Fault::Node) tell(*find(id), MessageKind::WideFault);
  if (relapse && ends_as_relapse(id, before)) return;
  look_for_wide_fault(opening.target);
  if (find(id)->phase == Phase::Suspended || comes_to_wait(id)) return;
  adopt_narrower(id);
  begin_diagnosis(*find(id));
}

// A fault that came back, and for which a person is due.
bool Deciding::ends_as_relapse(IncidentId id, IncidentId before) {
  const Incident& incident = *find(id);
  const Playbook& playbook = *incident.playbook;
  const TargetHistory& history = state_.targets.find(key_of(incident.target))->second;
  const int today = relapses_today(history, now_);
  std::string why;
  if (history.unresolved)
    why = "what the last attempt of incident " + std::to_string(before) +
          " did is not known: a person decides";
  else if (today > playbook.relapse.per_day)
    why = "it came back " + std::to_string(today) + " times within a day";
  else if (incident.tier >= playbook.tiers.size())
    why =
        "it came back soon after incident " + std::to_string(before) + ", which had no remedy left";
  if (why.empty()) return false;
  hand_over(id, why);
  return true;
}

void Deciding::ask_back(const std::string& why) {
  const bool waiting = state_.reconcile_wanted;
  emit(IntakeLost{why});
  if (!policy_.alertmanager_known)
    tell_self("Alerts were lost and cannot be asked back",
              why + "; no alertmanager is configured to ask");
  else if (!waiting)
    release(Reconcile{0, state_.losses});
}

}  // namespace fieldmedic::core
