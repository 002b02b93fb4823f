#include "remediator/core/guard.hpp"

#include <algorithm>

namespace fieldmedic::core {
namespace {

// How long to wait when nothing says when it will be better.
constexpr Duration kAskAgain{2'000};
constexpr Duration kLeaseAgain{15'000};

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

// S7: what shows itself as one of many within the window is not met one by one. A group's incident
// is the wide fault itself.
std::optional<Refusal> correlation(const Policy& policy, const Incident& incident, Time now) {
  if (incident.tier == 0 || incident.target.kind == TargetKind::Group) return std::nullopt;
  const Time seen = incident.opened_at + policy.correlation_window;
  if (now >= seen) return std::nullopt;
  return Refusal{Guard::Correlation,
                 "only the mildest remedy within " + seconds(policy.correlation_window) +
                     " of the first alert, so that a fault of many is seen as one; " +
                     seconds(seen - now) + " to go",
                 seen};
}

std::optional<Refusal> overlapping(const State& state, const Incident& incident, const Plan& plan,
                                   Time now) {
  for (const std::string& wanted : plan.resources)
    if (const auto holder = state.under_repair.holder_of(wanted, incident.id))
      return Refusal{Guard::Overlap, at_work(state, *holder), now + kAskAgain};
  return std::nullopt;
}

// S14: one owner each. An incident that goes on with its own change may.
std::optional<Refusal> leased(const State& state, const Incident& incident, const Plan& plan,
                              Time now) {
  for (const auto& [id, lease] : state.leases) {
    if (lease.incident == incident.id && lease.phase == LeasePhase::Held) continue;
    const std::string* const kept = kept_by(lease, plan.resources);
    if (kept == nullptr) continue;
    return Refusal{Guard::Lease,
                   "lease " + std::to_string(id) + " of incident " +
                       std::to_string(lease.incident) + " holds " + *kept,
                   now + kLeaseAgain};
  }
  if (plan.lease && state.leases.size() >= kLeasesMost)
    return Refusal{Guard::Lease, "too many temporary changes are open: end some first",
                   now + kLeaseAgain};
  return std::nullopt;
}

std::optional<Refusal> in_flight(const Policy& policy, const State& state, const Incident& incident,
                                 Time now) {
  const int self = incident.in_flight() ? 1 : 0;
  const int host = state.under_repair.on_host(incident.target.host) - self;
  const int group = state.under_repair.in_group(incident.target.group) - self;
  const int fleet = state.under_repair.fleet() - self;
  const auto size = policy.group_sizes.find(incident.target.group);
  const int group_size = size == policy.group_sizes.end() ? 0 : size->second;
  const auto refuse = [&](Guard guard, const std::string& of, int count, int limit) {
    return Refusal{guard,
                   std::to_string(count) + " under repair on " + of + ", the limit is " +
                       std::to_string(limit),
                   now + kAskAgain};
  };
  const bool on_a_host = incident.target.kind != TargetKind::Group;
  if (const int most = limit_of(policy.guards.in_flight_host, 1); on_a_host && host >= most)
    return refuse(Guard::InFlightHost, "host " + incident.target.host, host, most);
  if (const int most = limit_of(policy.guards.in_flight_group, group_size); group >= most)
    return refuse(Guard::InFlightGroup, "group " + incident.target.group, group, most);
  if (const int most = limit_of(policy.guards.in_flight_fleet, policy.fleet_size); fleet >= most)
    return refuse(Guard::InFlightFleet, "the fleet", fleet, most);
  return std::nullopt;
}

}  // namespace

std::string at_work(const State& state, const UnderRepair::Holder& holder) {
  return (state.leases.contains(holder.incident) ? "the undo of lease " : "incident ") +
         std::to_string(holder.incident) + " is at work on " + holder.resource;
}

std::optional<Refusal> ask_guards(const Policy& policy, const State& state,
                                  const Incident& incident, const Plan* plan, Time now) {
  if (auto no = ask_brakes(policy, state, incident, plan, now)) return no;
  const Limits& limits = policy.playbooks.find(incident.playbook->name)->second.limits;
  const auto found = state.targets.find(key_of(incident.target));
  if (found != state.targets.end()) {
    if (auto no = attempts(found->second, limits, now)) return no;
    if (auto no = cooldown(found->second, incident, limits, now)) return no;
  }
  if (auto no = correlation(policy, incident, now)) return no;
  if (auto no = in_flight(policy, state, incident, now)) return no;
  if (plan == nullptr) return std::nullopt;
  if (auto no = leased(state, incident, *plan, now)) return no;
  return overlapping(state, incident, *plan, now);
}

std::string unfit_lease(const Plan& plan, const Tier& tier) {
  if (!plan.lease)
    return tier.lease ? "its tier gives a lease, and what it does is not to be undone" : "";
  if (!tier.lease) return "what it does is to be undone, and its tier gives no lease";
  const auto is_named = [&](const std::string& resource) {
    return std::ranges::find(plan.resources, resource) != plan.resources.end();
  };
  if (!is_named(plan.lease->resource) || !std::ranges::all_of(plan.lease->also, is_named))
    return "its plan does not name what it changes for a time";
  if (plan.lease->when_away == WhenAway::Nobody && !tier.approval &&
      tier.lease->unattended == Unattended::NeedsApproval)
    return "nobody would undo it while the remediator is away: that takes a person's approval, or "
           "a lease that accepts it (unattended)";
  return "";
}

}  // namespace fieldmedic::core
