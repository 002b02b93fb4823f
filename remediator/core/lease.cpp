#include "remediator/core/lease.hpp"

#include <algorithm>
#include <tuple>

namespace fieldmedic::core {
namespace {

bool is_below(std::string_view path, std::string_view above) {
  return path.size() > above.size() && path.starts_with(above) && path[above.size()] == '/';
}

bool overlap(std::string_view a, std::string_view b) {
  return a == b || is_below(a, b) || is_below(b, a);
}

}  // namespace

bool operator==(const Lease& a, const Lease& b) {
  const auto comparable = [](const Lease& l) {
    return std::tie(l.id, l.incident, l.target, *l.playbook, l.tier, l.labels, l.attempt, l.plan,
                    l.left, l.taken_at, l.ends_at, l.phase, l.round, l.phase_since, l.ending_since,
                    l.tries, l.checks, l.undo, l.reason);
  };
  return comparable(a) == comparable(b);
}

const std::string* kept_by(const Lease& lease, const std::vector<std::string>& wanted) {
  const auto found = std::ranges::find_if(wanted, [&](const std::string& resource) {
    return resource == lease.resource() ||
           std::ranges::any_of(lease.plan.lease->also,
                               [&](const std::string& also) { return overlap(resource, also); });
  });
  return found == wanted.end() ? nullptr : &*found;
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
