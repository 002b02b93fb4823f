// Scope before tiers (S7, D6): a wider incident adopts the narrower ones. They wait while it is
// open, and are looked at anew when it ends.
#include <algorithm>
#include <set>

#include "remediator/core/deciding.hpp"
#include "remediator/core/owner.hpp"

namespace fieldmedic::core {
namespace {

// A timer behind those that wait; what they wait for ends by its own.
constexpr Duration kLookAgain{300'000};

// How many of a group's incidents are looked at for a wide fault, the latest ones.
constexpr std::size_t kFallsLooked = 1'000;

// Everything that depends on the target, directly or not.
std::vector<std::string> below_of(const Policy& policy, const std::string& target) {
  std::vector<std::string> below{target};
  std::set<std::string> seen{target};
  for (std::size_t i = 0; i < below.size(); ++i) {
    const auto direct = policy.downstream.find(below[i]);
    if (direct == policy.downstream.end()) continue;
    for (const std::string& each : direct->second)
      if (seen.insert(each).second) below.push_back(each);
  }
  below.erase(below.begin());
  return below;
}

}  // namespace

// Whether the incident waits for a wider one from here on. What runs is not stopped: it comes here
// when its step is over.
bool Deciding::comes_to_wait(IncidentId id) {
  const Incident& incident = *find(id);
  const IncidentId owner = owner_of(policy_, state_, incident);
  if (owner == 0) return false;
  if (incident.phase != Phase::Suspended || incident.adopted_by != owner) adopt(id, owner);
  return true;
}

void Deciding::adopt(IncidentId id, IncidentId owner) {
  const Incident& incident = *find(id);
  if (incident.phase == Phase::Planning) release(CancelAttempt{incident.attempt->id});
  emit(IncidentAdopted{id, owner,
                       "waits for incident " + std::to_string(owner) + " on " +
                           key_of(find(owner)->target) + ", which owns its cause"});
  wake_at(*find(id), now_ + kLookAgain);
}

// All that the incident owns now: every member of its group, or what depends on its target.
void Deciding::adopt_narrower(IncidentId owner) {
  const Target target = find(owner)->target;
  std::vector<IncidentId> ids;
  if (target.kind == TargetKind::Group)
    for (const auto& [at, id] : state_.related.on_members(target.group)) ids.push_back(id);
  else
    for (const std::string& below : below_of(policy_, key_of(target)))
      if (const auto open = state_.open_by_target.find(below); open != state_.open_by_target.end())
        ids.push_back(open->second);
  for (const IncidentId id : ids) {
    const Incident& incident = *find(id);
    const bool runs = incident.phase == Phase::Acting || incident.phase == Phase::Confirming;
    if (!runs && owner_of(policy_, state_, incident) == owner) static_cast<void>(comes_to_wait(id));
  }
}

// A new incident on a member: is it one of many?
void Deciding::look_for_wide_fault(const Target& member) {
  const auto scope = policy_.scopes.find(member.group);
  if (member.kind == TargetKind::Group || scope == policy_.scopes.end()) return;
  const Target group{TargetKind::Group, "", "", member.group};
  if (scope->second.playbook == nullptr || state_.open_by_target.contains(key_of(group))) return;
  const auto history = state_.targets.find(key_of(group));
  std::vector<Fall> falls;
  const Related::ByOpening& open = state_.related.on_members(member.group);
  for (auto i = open.rbegin(); i != open.rend() && falls.size() < kFallsLooked; ++i)
    if (history == state_.targets.end() || i->first > history->second.closed)
      falls.push_back({find(i->second)->target.host, i->first});
  std::ranges::reverse(falls);
  const auto size = policy_.group_sizes.find(member.group);
  const auto found = wide_fault_of(scope->second, falls,
                                   size == policy_.group_sizes.end() ? 0 : size->second, now_);
  if (found) this->open({group, *scope->second.playbook, {{"group", group.group}}, *found});
}

// It is over, however it ended: those that waited for it are looked at anew.
void Deciding::release_adopted(IncidentId owner, const std::string& how) {
  const Related::Ids ids = state_.related.adopted_by(owner);
  for (const IncidentId id : ids)
    if (find(id)->phase == Phase::Suspended)
      diagnose(id, "incident " + std::to_string(owner) + ", which owned its cause, " + how);
}

// Long after it was adopted, or after a restart.
void Deciding::look_at_owner(const Incident& incident) {
  const IncidentId id = incident.id;
  if (comes_to_wait(id)) return wake_at(*find(id), now_ + kLookAgain);
  diagnose(id, "nothing owns its cause any more");
}

}  // namespace fieldmedic::core
