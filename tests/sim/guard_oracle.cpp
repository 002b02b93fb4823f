#include "tests/sim/guard_oracle.hpp"

#include <algorithm>
#include <cmath>

namespace fieldmedic::core::sim {
namespace {

int most_of(Share share, int size) {
  const double most = share.kind == Share::Kind::Count
                          ? share.value
                          : std::floor(share.value / 100.0 * size + 1e-9);
  return std::max(1, static_cast<int>(most));
}

int least_of(Share share, int size) {
  return share.kind == Share::Kind::Count
             ? share.value
             : static_cast<int>(std::ceil(share.value / 100.0 * size - 1e-9));
}

bool removed(const Question& q) {
  return !q.policy.playbooks.contains(q.one.playbook.name) ||
         !q.policy.targets.contains(key_of(q.one.target));
}

bool concerns(const std::string& scope, const Question& q) {
  return scope == "all" || scope == "group/" + q.one.target.group ||
         scope == "host/" + q.one.target.host || scope == "playbook/" + q.one.playbook.name ||
         scope == "incident/" + std::to_string(q.incident);
}

bool paused(const Question& q) {
  if (q.policy.kill_switch) return true;
  return std::ranges::any_of(q.ledger.paused,
                             [&](const std::string& scope) { return concerns(scope, q); });
}

bool inside(const Once& once, Time now) {
  return now >= once.begin && now < once.end;
}

// By the time since Monday, midnight.
bool inside(const Weekly& weekly, Time now) {
  constexpr Duration kDay = std::chrono::hours(24);
  constexpr Duration kWeek = 7 * kDay;
  constexpr Duration kFirstMonday = 4 * kDay;  // 1970-01-05
  const Duration since_monday = (now.time_since_epoch() - kFirstMonday) % kWeek;
  const Duration length = weekly.to == weekly.from ? kDay : (weekly.to - weekly.from + kDay) % kDay;
  for (std::size_t day = 0; day < 7; ++day) {
    const Duration begin = static_cast<int>(day) * kDay + weekly.from;
    if (weekly.days[day] && (since_monday - begin + 2 * kWeek) % kWeek < length) return true;
  }
  return false;
}

bool in_window(const Question& q) {
  return std::ranges::any_of(q.policy.windows, [&](const Window& window) {
    return std::visit([&](const auto& when) { return inside(when, q.now); }, window.when) &&
           std::ranges::any_of(window.scopes,
                               [&](const std::string& scope) { return concerns(scope, q); });
  });
}

bool breaker_open(const Question& q) {
  return q.ledger.open_breakers.contains("all") ||
         q.ledger.open_breakers.contains("playbook/" + q.one.playbook.name + "/group/" +
                                         q.one.target.group);
}

bool touches_ourselves(const Question& q) {
  const auto live = q.policy.playbooks.find(q.one.playbook.name);
  return std::ranges::any_of(q.resources, [&](const std::string& resource) {
    if (!resource.starts_with("host/")) return false;
    const std::string host = resource.substr(5);
    return q.policy.protected_hosts.contains(host) &&
           (live == q.policy.playbooks.end() || !live->second.may_touch.contains(host));
  });
}

const Limits* limits_of(const Question& q) {
  const auto live = q.policy.playbooks.find(q.one.playbook.name);
  return live == q.policy.playbooks.end() ? nullptr : &live->second.limits;
}

bool attempts_used(const Question& q) {
  const Limits* limits = limits_of(q);
  if (limits == nullptr) return false;
  int recent = 0;
  for (const Time at : q.ledger.book(q.one.target).intents)
    if (at > q.now - limits->per) ++recent;
  return recent >= limits->attempts;
}

bool still_warm(const Question& q) {
  const Limits* limits = limits_of(q);
  const auto changed = q.ledger.book(q.one.target).changed;
  return limits != nullptr && !q.one.acted && changed && q.now - *changed < limits->cooldown;
}

bool too_early(const Question& q) {
  return q.one.target.kind != TargetKind::Group && q.one.tier > 0 &&
         q.now - q.one.opened < q.policy.correlation_window;
}

bool above_or_same(const std::string& above, const std::string& below) {
  return below == above || below.starts_with(above + "/");
}

bool meet(const std::string& a, const std::string& b) {
  return above_or_same(a, b) || above_or_same(b, a);
}

bool overlaps(const Question& q) {
  for (const auto& [id, other] : q.ledger.open) {
    if (id == q.incident || !other.in_flight) continue;
    for (const std::string& theirs : other.plan.resources)
      for (const std::string& ours : q.resources)
        if (meet(theirs, ours)) return true;
  }
  return false;
}

bool undo_overlaps(const Question& q) {
  for (const auto& [id, lease] : q.ledger.leases) {
    if (id == q.incident || !lease.busy) continue;
    for (const std::string& theirs : lease.plan.resources)
      for (const std::string& ours : q.resources)
        if (meet(theirs, ours)) return true;
  }
  return false;
}

bool leased(const Question& q) {
  return std::ranges::any_of(q.ledger.leases, [&](const auto& each) {
    const Rented& lease = each.second;
    const bool own = lease.incident == q.incident && !lease.ended && !lease.handed_over;
    return !own && keeps(lease, q.resources);
  });
}

template <class Pred>
int in_flight(const Question& q, Pred counts) {
  return static_cast<int>(std::ranges::count_if(q.ledger.open, [&](const auto& each) {
    return each.first != q.incident && each.second.in_flight && counts(each.second.target);
  }));
}

int group_size(const Question& q) {
  const auto size = q.policy.group_sizes.find(q.one.target.group);
  return size == q.policy.group_sizes.end() ? 0 : size->second;
}

// Null when how the group is cannot be told.
const GroupHealth* told_health(const Question& q) {
  if (q.planned == nullptr || !q.planned->health || !*q.planned->health) return nullptr;
  const GroupHealth& health = **q.planned->health;
  return health.samples == 0 ? nullptr : &health;
}

bool leaves_too_few(const Question& q) {
  if (!q.policy.guards.min_healthy) return false;
  const Target& target = q.one.target;
  const bool whole_host =
      std::ranges::find(q.resources, "host/" + target.host) != q.resources.end();
  for (const auto& [collector, hosts] : told_health(q)->well) {
    const bool touched =
        whole_host || (target.kind == TargetKind::Collector && target.name == collector);
    if (!touched || !hosts.contains(target.host)) continue;
    if (static_cast<int>(hosts.size()) - 1 < least_of(*q.policy.guards.min_healthy, group_size(q)))
      return true;
  }
  return false;
}

bool is_storm(const Question& q) {
  const GroupHealth* health = told_health(q);
  if (!q.policy.guards.max_unhealthy || health == nullptr) return false;
  if (q.one.target.kind == TargetKind::Group) return false;
  std::set<std::string> well;
  for (const auto& [collector, hosts] : health->well)
    if (q.one.target.kind == TargetKind::Host || q.one.target.name == collector)
      well.insert(hosts.begin(), hosts.end());
  return group_size(q) - static_cast<int>(well.size()) >
         most_of(*q.policy.guards.max_unhealthy, group_size(q));
}

}  // namespace

bool keeps(const Rented& lease, const std::vector<std::string>& resources) {
  for (const std::string& ours : resources) {
    if (ours == lease.claim.resource) return true;
    for (const std::string& theirs : lease.claim.also)
      if (meet(theirs, ours)) return true;
  }
  return false;
}

bool exceeded(Guard guard, const Question& q) {
  const GuardLimits& guards = q.policy.guards;
  const Target& target = q.one.target;
  switch (guard) {
    case Guard::Removed: return removed(q);
    case Guard::Paused: return paused(q);
    case Guard::Window: return in_window(q);
    case Guard::Breaker: return breaker_open(q);
    case Guard::SelfProtection: return touches_ourselves(q);
    case Guard::Attempts: return attempts_used(q);
    case Guard::Cooldown: return still_warm(q);
    case Guard::Correlation: return too_early(q);
    case Guard::Lease: return leased(q);
    case Guard::Overlap: return overlaps(q) || undo_overlaps(q);
    case Guard::InFlightHost:
      return target.kind != TargetKind::Group && in_flight(q, [&](const Target& other) {
                                                   return other.host == target.host;
                                                 }) >= most_of(guards.in_flight_host, 1);
    case Guard::InFlightGroup:
      return in_flight(q, [&](const Target& other) { return other.group == target.group; }) >=
             most_of(guards.in_flight_group, group_size(q));
    case Guard::InFlightFleet:
      return in_flight(q, [](const Target&) { return true; }) >=
             most_of(guards.in_flight_fleet, q.policy.fleet_size);
    case Guard::MinHealthy:
      if (!guards.min_healthy && !guards.max_unhealthy) return false;
      return told_health(q) == nullptr || leaves_too_few(q);
    case Guard::MaxUnhealthy: return is_storm(q);
    case Guard::Unreadable: return q.planned == nullptr || !q.planned->plan;
  }
  return true;
}

Rule rule_of(Guard guard) {
  switch (guard) {
    case Guard::Removed: return Rule::NotRemoved;
    case Guard::Paused: return Rule::NotPaused;
    case Guard::Window: return Rule::NoWindow;
    case Guard::Breaker: return Rule::BreakerClosed;
    case Guard::SelfProtection: return Rule::SelfProtected;
    case Guard::Attempts: return Rule::AttemptsLeft;
    case Guard::Cooldown: return Rule::CooledDown;
    case Guard::Correlation: return Rule::Correlated;
    case Guard::Lease: return Rule::NotLeased;
    case Guard::Overlap: return Rule::NoOverlap;
    case Guard::InFlightHost: return Rule::HostCap;
    case Guard::InFlightGroup: return Rule::GroupCap;
    case Guard::InFlightFleet: return Rule::FleetCap;
    case Guard::MinHealthy: return Rule::HealthyLeft;
    case Guard::MaxUnhealthy: return Rule::NoStorm;
    case Guard::Unreadable: return Rule::PlanAsGuarded;
  }
  return Rule::PlanAsGuarded;
}

}  // namespace fieldmedic::core::sim
