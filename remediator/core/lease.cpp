#include "remediator/core/lease.hpp"

#include <tuple>

namespace fieldmedic::core {

bool operator==(const Lease& a, const Lease& b) {
  const auto comparable = [](const Lease& l) {
    return std::tie(l.id, l.incident, l.target, *l.playbook, l.tier, l.labels, l.attempt, l.plan,
                    l.left, l.taken_at, l.ends_at, l.phase, l.round, l.phase_since, l.ending_since,
                    l.tries, l.checks, l.undo, l.reason);
  };
  return comparable(a) == comparable(b);
}

Incident as_incident(const Lease& lease) {
  Incident incident;
  incident.id = lease.incident;
  incident.target = lease.target;
  incident.playbook = lease.playbook;
  incident.tier = lease.tier;
  incident.labels = lease.labels;
  incident.opened_at = lease.taken_at;
  incident.phase_since = lease.phase_since;
  incident.reason =
      "lease " + std::to_string(lease.id) + " on " + lease.resource() + ": " + lease.reason;
  return incident;
}

}  // namespace fieldmedic::core
