#include "remediator/core/fold_end.hpp"

#include <utility>

namespace fieldmedic::core {
namespace {

// What a relapse is measured by (S5), and whether what was done is known (S1).
void remember_end(TargetHistory& history, const Incident& incident, Phase phase, Time at) {
  // It did nothing: what counts is still what was done before.
  if (!incident.acted && incident.relapse_of == 0) return;
  const bool open_attempt =
      incident.attempt && incident.attempt->intended_in != 0 &&
      (incident.phase == Phase::Acting || incident.phase == Phase::Confirming);
  const bool still_unknown = !incident.acted && history.unresolved;
  history.unresolved = (phase == Phase::HandedOver && (open_attempt || still_unknown)) ||
                       (phase == Phase::Cancelled && open_attempt);  // by a person, in the middle
  history.last_incident = incident.id;
  history.last_end = at;
  history.last_tier = incident.tier;
  history.last_acted = true;
  history.last_playbook = incident.playbook->name;
}

}  // namespace

void enter(Incident& incident, Phase phase, Time at) {
  incident.phase = phase;
  incident.phase_since = at;
  ++incident.round;
}

void end_incident(State& state, IncidentId id, Phase phase, const std::string& reason, Time at) {
  const auto found = state.open.find(id);
  if (found == state.open.end()) return;
  Incident& incident = found->second;
  const std::string target = key_of(incident.target);
  TargetHistory& history = state.targets[target];
  remember_end(history, incident, phase, at);
  if (incident.attempt && incident.attempt->changed_world) history.last_change = at;
  if (incident.target.kind == TargetKind::Group) history.closed = at;
  enter(incident, phase, at);
  incident.reason = reason;
  // An alert that this ladder was not made for opens its own incident when it is said again.
  for (const AlertKey& key : incident.of_other_playbooks)
    if (const auto alert = state.alerts.find(key); alert != state.alerts.end())
      alert->second = {0, alert->second.status, std::nullopt};
  state.open_by_target.erase(target);
  state.ended.push_back(std::move(incident));
  bound(state.ended, kEndedKept);
  state.open.erase(found);
}

}  // namespace fieldmedic::core
