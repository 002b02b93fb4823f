#include "remediator/core/guard.hpp"

#include <algorithm>

namespace fieldmedic::core {
namespace {

// How long to wait when nothing says when it will be better.
constexpr Duration kAskAgain{2'000};

std::string seconds(Duration duration) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count()) + " s";
}

std::optional<Refusal> attempts(const TargetHistory& history, const Limits& limits, Time now) {
  const auto recent =
      std::ranges::count_if(history.attempts, [&](Time at) { return now - at < limits.per; });
  if (recent < limits.attempts) return std::nullopt;
  return Refusal{Guard::Attempts,
                 std::to_string(recent) + " attempts on this target within " + seconds(limits.per) +
                     ", the limit is " + std::to_string(limits.attempts),
                 std::nullopt};
}

std::optional<Refusal> cooldown(const TargetHistory& history, const Incident& incident,
                                const Limits& limits, Time now) {
  if (incident.acted || !history.last_change) return std::nullopt;  // its own ladder may go on
  const Time free = *history.last_change + limits.cooldown;
  if (now >= free) return std::nullopt;
  return Refusal{Guard::Cooldown,
                 "this target was changed a moment ago; " + seconds(free - now) + " to go", free};
}

std::optional<Refusal> overlapping(const State& state, const Incident& incident, const Plan& plan,
                                   Time now) {
  for (const auto& [id, other] : state.open) {
    if (id == incident.id || !other.in_flight()) continue;
    for (const std::string& held : other.attempt->plan.resources)
      for (const std::string& wanted : plan.resources)
        if (overlap(held, wanted))
          return Refusal{Guard::Overlap,
                         "incident " + std::to_string(id) + " is at work on " + held,
                         now + kAskAgain};
  }
  return std::nullopt;
}

std::optional<Refusal> in_flight(const Policy& policy, const State& state, const Incident& incident,
                                 Time now) {
  int host = 0;
  int group = 0;
  int fleet = 0;
  for (const auto& [id, other] : state.open) {
    if (id == incident.id || !other.in_flight()) continue;
    ++fleet;
    if (other.target.group == incident.target.group) ++group;
    if (other.target.host == incident.target.host) ++host;
  }
  const auto size = policy.group_sizes.find(incident.target.group);
  const int group_size = size == policy.group_sizes.end() ? 0 : size->second;
  const auto refuse = [&](Guard guard, const std::string& of, int count, int limit) {
    return Refusal{guard,
                   std::to_string(count) + " under repair on " + of + ", the limit is " +
                       std::to_string(limit),
                   now + kAskAgain};
  };
  if (const int most = limit_of(policy.guards.in_flight_host, 1); host >= most)
    return refuse(Guard::InFlightHost, "host " + incident.target.host, host, most);
  if (const int most = limit_of(policy.guards.in_flight_group, group_size); group >= most)
    return refuse(Guard::InFlightGroup, "group " + incident.target.group, group, most);
  if (const int most = limit_of(policy.guards.in_flight_fleet, policy.fleet_size); fleet >= most)
    return refuse(Guard::InFlightFleet, "the fleet", fleet, most);
  return std::nullopt;
}

}  // namespace

bool overlap(std::string_view one, std::string_view other) {
  if (one.size() > other.size()) std::swap(one, other);
  return other.starts_with(one) && (one.size() == other.size() || other[one.size()] == '/');
}

std::optional<Refusal> ask_guards(const Policy& policy, const State& state,
                                  const Incident& incident, const Plan* plan, Time now) {
  const auto live = policy.playbooks.find(incident.playbook->name);
  if (live == policy.playbooks.end())
    return Refusal{Guard::Removed,
                   "playbook " + incident.playbook->name + " is not configured any more",
                   std::nullopt};
  if (!policy.targets.contains(key_of(incident.target)))
    return Refusal{Guard::Removed, "the target is not in the inventory any more", std::nullopt};
  const auto found = state.targets.find(key_of(incident.target));
  if (found != state.targets.end()) {
    if (auto no = attempts(found->second, live->second.limits, now)) return no;
    if (auto no = cooldown(found->second, incident, live->second.limits, now)) return no;
  }
  if (auto no = in_flight(policy, state, incident, now)) return no;
  return plan == nullptr ? std::nullopt : overlapping(state, incident, *plan, now);
}

}  // namespace fieldmedic::core
