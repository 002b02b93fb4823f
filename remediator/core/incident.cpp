#include "remediator/core/incident.hpp"

#include <tuple>

namespace fieldmedic::core {
namespace {

auto comparable(const Incident& i) {
  return std::tie(i.id, i.target, *i.playbook, i.labels, i.alerts, i.of_other_playbooks, i.wanted,
                  i.relapse_of, i.fault, i.adopted_by, i.phase, i.round, i.opened_at, i.phase_since,
                  i.waiting_since, i.tier, i.attempts, i.plans_anew, i.acted, i.checks, i.attempt,
                  i.asked, i.granted, i.refused_by, i.reason);
}

}  // namespace

bool operator==(const Incident& a, const Incident& b) {
  return comparable(a) == comparable(b);
}

}  // namespace fieldmedic::core
