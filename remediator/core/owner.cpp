#include "remediator/core/owner.hpp"

#include <set>
#include <string>
#include <vector>

namespace fieldmedic::core {
namespace {

// The nearest open incident on what the target depends on, directly or not.
IncidentId upstream_incident(const Policy& policy, const State& state, const std::string& target) {
  if (!policy.upstream.contains(target)) return 0;  // most depend on nothing
  std::vector<std::string> look{target};
  std::set<std::string> seen{target};
  for (std::size_t i = 0; i < look.size(); ++i) {
    const auto open = state.open_by_target.find(look[i]);
    if (i != 0 && open != state.open_by_target.end()) return open->second;
    const auto direct = policy.upstream.find(look[i]);
    if (direct == policy.upstream.end()) continue;
    for (const std::string& each : direct->second)
      if (seen.insert(each).second) look.push_back(each);
  }
  return 0;
}

}  // namespace

IncidentId owner_of(const Policy& policy, const State& state, const Incident& incident) {
  if (incident.target.kind == TargetKind::Group) return 0;
  if (policy.scopes.contains(incident.target.group)) {
    const auto group = state.open_by_target.find("group/" + incident.target.group);
    if (group != state.open_by_target.end()) return group->second;
  }
  return upstream_incident(policy, state, key_of(incident.target));
}

}  // namespace fieldmedic::core
