#include "remediator/core/related.hpp"

namespace fieldmedic::core {

void Related::add(const Incident& incident) {
  if (incident.target.kind != TargetKind::Group)
    members_[incident.target.group].emplace(incident.opened_at, incident.id);
  if (incident.adopted_by != 0) adopted_[incident.adopted_by].insert(incident.id);
}

void Related::remove(const Incident& incident) {
  if (const auto group = members_.find(incident.target.group); group != members_.end()) {
    group->second.erase({incident.opened_at, incident.id});
    if (group->second.empty()) members_.erase(group);
  }
  if (const auto owner = adopted_.find(incident.adopted_by); owner != adopted_.end()) {
    owner->second.erase(incident.id);
    if (owner->second.empty()) adopted_.erase(owner);
  }
}

const Related::ByOpening& Related::on_members(std::string_view group) const {
  static const ByOpening kNone;
  const auto found = members_.find(group);
  return found == members_.end() ? kNone : found->second;
}

const Related::Ids& Related::adopted_by(IncidentId id) const {
  static const Ids kNone;
  const auto found = adopted_.find(id);
  return found == adopted_.end() ? kNone : found->second;
}

}  // namespace fieldmedic::core
