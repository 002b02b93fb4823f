// Guards that look at the group around the target, as it was read with the plan (S9).
#include <algorithm>

#include "remediator/core/guard.hpp"

namespace fieldmedic::core {
namespace {

constexpr Duration kAskAgain{30'000};

// Rounded up: 60% of 3 are 2.
int least_of(Share share, int size) {
  switch (share.kind) {
    case Share::Kind::Count: return share.value;
    case Share::Kind::Percent: return (share.value * size + 99) / 100;
  }
  return size;
}

// Whether the plan takes this member away for a while: its own process, or the whole host.
bool takes_away(const Plan& plan, const Target& target, const std::string& collector,
                const std::string& host) {
  const std::string whole = "host/" + host;
  if (std::ranges::find(plan.resources, whole) != plan.resources.end()) return true;
  return target.kind == TargetKind::Collector && target.name == collector && target.host == host;
}

// How many hosts of the group are not well: by the target's collector, or, for a host, by having no
// collector that is.
int sick_members(const GroupHealth& health, const Target& target, int size) {
  std::set<std::string> well;
  for (const auto& [collector, hosts] : health.well)
    if (target.kind == TargetKind::Host || collector == target.name)
      well.insert(hosts.begin(), hosts.end());
  return std::max(0, size - static_cast<int>(well.size()));
}

// The storm guard.
std::optional<Refusal> too_many_sick(Share limit, const Target& target, const GroupHealth& health,
                                     int size, Time now) {
  const int sick = sick_members(health, target, size);
  const int most = limit_of(limit, size);
  if (sick <= most) return std::nullopt;
  return Refusal{Guard::MaxUnhealthy,
                 std::to_string(sick) + " of " + std::to_string(size) + " in group " +
                     target.group + " are not well; more than " + std::to_string(most) +
                     " are no fault of one",
                 now + kAskAgain};
}

std::optional<Refusal> too_few_left(Share limit, const Target& target, const Plan& plan,
                                    const GroupHealth& health, int size, Time now) {
  const int least = least_of(limit, size);
  for (const auto& [collector, hosts] : health.well) {
    const auto taken = std::ranges::count_if(
        hosts, [&](const std::string& host) { return takes_away(plan, target, collector, host); });
    const int left = static_cast<int>(hosts.size()) - static_cast<int>(taken);
    if (taken == 0 || left >= least) continue;
    return Refusal{Guard::MinHealthy,
                   "it would leave " + std::to_string(left) + " well of " + collector +
                       " in group " + target.group + ", at least " + std::to_string(least) +
                       " have to be",
                   now + kAskAgain};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> ask_health(const Policy& policy, const Incident& incident, const Plan& plan,
                                  const std::optional<Result<GroupHealth>>& health, Time now) {
  const GuardLimits& limits = policy.guards;
  if (!limits.min_healthy && !limits.max_unhealthy) return std::nullopt;
  const auto unknown = [&](const std::string& why) {
    return Refusal{Guard::MinHealthy, "how the group is cannot be told: " + why, now + kAskAgain};
  };
  if (!health) return unknown("it was not asked");
  if (!*health) return unknown(health->error().message);
  if ((*health)->samples == 0) return unknown("no member has a fresh sample");
  const Target& target = incident.target;
  const auto found = policy.group_sizes.find(target.group);
  const int size = found == policy.group_sizes.end() ? 0 : found->second;
  // That many are sick is what an incident of the group itself is about.
  if (limits.max_unhealthy && target.kind != TargetKind::Group)
    if (auto no = too_many_sick(*limits.max_unhealthy, target, **health, size, now)) return no;
  if (!limits.min_healthy) return std::nullopt;
  return too_few_left(*limits.min_healthy, target, plan, **health, size, now);
}

}  // namespace fieldmedic::core
