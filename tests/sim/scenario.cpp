#include "tests/sim/scenario.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "tests/sim/conditions.hpp"

namespace fieldmedic::core::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::array<AtExpiry, 3> kAtExpiry{AtExpiry::HandOver, AtExpiry::NextTier,
                                            AtExpiry::Proceed};

std::optional<Approval> maybe_approval(Rng& rng) {
  if (!rng.chance(25)) return std::nullopt;
  return Approval{rng.chance(30) ? Role::Admin : Role::Operator, rng.between(30s, 240s),
                  rng.pick(kAtExpiry)};
}

LeaseTerms some_terms(Rng& rng) {
  LeaseTerms terms;
  terms.length = rng.between(60s, 600s);
  terms.interval = rng.between(2s, 15s);
  if (rng.chance(70)) terms.until = {{{"disk", "{}"}, rng.between(0s, 20s)}};
  if (rng.chance(75)) terms.unattended = Unattended::Accepted;
  return terms;
}

std::shared_ptr<const Playbook> make_playbook(Rng& rng, std::string name,
                                              std::vector<std::string> actions) {
  Playbook playbook;
  playbook.name = std::move(name);
  for (std::string& action : actions) {
    Tier tier{action, {action, "{}"}, rng.between(5s, 30s), maybe_approval(rng)};
    if (rng.chance(25)) tier.when = some_condition(rng);
    if (action == "divert" && !rng.chance(5)) tier.lease = some_terms(rng);
    playbook.tiers.push_back(std::move(tier));
  }
  playbook.verify = {rng.between(8s, 30s), rng.between(1s, 5s), {}};
  for (const char* check : {"process", "port"})
    playbook.verify.checks.push_back({{check, "{}"}, rng.chance(30) ? 0s : rng.between(1s, 10s)});
  playbook.limits = {rng.between(1, 4), rng.between(5min, 60min), rng.between(10s, 180s),
                     rng.between(60s, 300s)};
  // Longer than what is left running outside can last (world.cpp).
  playbook.relapse = {rng.between(10min, 30min), rng.between(1, 3)};
  playbook.receivers = {"oncall"};
  return std::make_shared<const Playbook>(std::move(playbook));
}

Share some_share(Rng& rng, int most) {
  if (rng.chance(50)) return {Share::Kind::Count, rng.between(1, most)};
  return {Share::Kind::Percent, rng.between(5, 90)};
}

GuardLimits some_guards(Rng& rng) {
  GuardLimits guards;
  guards.in_flight_host = {Share::Kind::Count, rng.between(1, 3)};
  guards.in_flight_group = some_share(rng, 4);
  guards.in_flight_fleet = {Share::Kind::Count, rng.between(1, 6)};
  guards.breaker = {rng.between(1, 4), rng.between(2, 6), rng.between(10min, 60min)};
  if (rng.chance(30)) guards.min_healthy = some_share(rng, 3);
  if (rng.chance(30)) guards.max_unhealthy = some_share(rng, 4);
  return guards;
}

// One that opens soon, or has been open since up to a day ago and closes soon.
Weekly some_weekly(Rng& rng, Time now) {
  const Time begin = rng.chance(50) ? now + 1min : now - rng.between(0min, 23h);
  const Time end = std::max(begin, now) + rng.between(2min, 20min);
  Weekly weekly;
  weekly.days = static_cast<unsigned long>(rng.between(0, 127));
  const auto day = std::chrono::floor<std::chrono::days>(begin);
  if (rng.chance(80)) weekly.days.set(std::chrono::weekday(day).iso_encoding() - 1);
  weekly.from = begin - day;
  weekly.to = end - std::chrono::floor<std::chrono::days>(end);
  return weekly;
}

Window some_window(Rng& rng, Time now) {
  constexpr std::array kScopes{"group/south", "group/south", "all", "playbook/collector-down"};
  Window window{"release", {rng.pick(kScopes)}, some_weekly(rng, now)};
  if (rng.chance(50)) window.when = Once{now + 1min, now + rng.between(2min, 20min)};
  return window;
}

// Some fleets see wide faults, some know what depends on what.
void declare_scopes(Policy& policy, const Scenario& scenario, Rng& rng) {
  for (const auto& [group, size] : policy.group_sizes) {
    if (!rng.chance(50)) continue;
    GroupScope& scope = policy.scopes[group];
    scope.playbook = scenario.for_groups;
    if (rng.chance(70)) scope.cluster = ClusterRule{some_share(rng, 3), rng.between(30s, 600s)};
    if (rng.chance(70))
      scope.cascade = CascadeRule{rng.between(2, 3), rng.between(120s, 900s), rng.between(5s, 30s)};
  }
  if (!rng.chance(40)) return;
  for (const Target& target : scenario.targets) {
    if (target.kind != TargetKind::Collector || target.name != "archive") continue;
    Target above = target;
    above.name = "orders";
    policy.upstream[key_of(target)] = {key_of(above)};
    policy.downstream[key_of(above)] = {key_of(target)};
  }
}

void know(Policy& policy, const Playbook& playbook) {
  policy.playbooks[playbook.name] = {playbook.mode, playbook.limits, playbook.receivers, {}};
}

}  // namespace

Scenario make_scenario(Rng& rng, int hosts) {
  Scenario scenario;
  Policy policy;
  for (int i = 0; i < hosts; ++i) {
    const std::string host = "h" + std::to_string(i);
    const std::string group = i % 3 == 2 ? "north" : "south";
    ++policy.group_sizes[group];
    for (const char* collector : {"orders", "archive"})
      scenario.targets.push_back({TargetKind::Collector, collector, host, group});
    scenario.targets.push_back({TargetKind::Host, "", host, group});
  }
  for (const auto& [group, size] : policy.group_sizes)
    scenario.targets.push_back({TargetKind::Group, "", "", group});
  policy.fleet_size = hosts;
  for (const Target& target : scenario.targets) policy.targets.insert(key_of(target));

  scenario.for_collectors = {
      make_playbook(rng, "collector-down",
                    {rng.chance(50) ? "restart" : "divert", "unit", "script"}),
      make_playbook(rng, "queue-full",
                    rng.chance(70)   ? std::vector<std::string>{"clear", "divert"}
                    : rng.chance(50) ? std::vector<std::string>{"script"}
                                     : std::vector<std::string>{"divert", "unit"})};
  scenario.for_hosts = make_playbook(rng, "host-sick", {"reboot"});
  scenario.for_groups = make_playbook(
      rng, "group-fault",
      rng.chance(50) ? std::vector<std::string>{} : std::vector<std::string>{"failover"});
  know(policy, *scenario.for_groups);
  declare_scopes(policy, scenario, rng);
  for (const auto& playbook : scenario.for_collectors) know(policy, *playbook);
  know(policy, *scenario.for_hosts);

  policy.guards = some_guards(rng);
  if (rng.chance(70)) policy.correlation_window = rng.between(10s, 180s);
  policy.protected_hosts = {"h0"};
  if (rng.chance(30)) policy.playbooks["host-sick"].may_touch = {"h0"};
  policy.receivers["oncall"] = {
      rng.chance(50) ? ReceiverPolicy::Send::All : ReceiverPolicy::Send::First, 2};
  policy.receivers["owner"] = {ReceiverPolicy::Send::All, 1};
  policy.self_receivers = {"owner"};
  policy.alertmanager_known = rng.chance(80);
  if (rng.chance(70)) policy.watchdog_within = rng.between(120s, 300s);
  scenario.policy = std::make_shared<const Policy>(std::move(policy));
  return scenario;
}

std::shared_ptr<const Policy> reloaded(const Policy& usual, Rng& rng, Time now) {
  auto policy = std::make_shared<Policy>(usual);
  if (rng.chance(40)) return policy;
  if (rng.chance(30)) policy->guards = some_guards(rng);
  if (rng.chance(10)) policy->kill_switch = true;
  if (rng.chance(20)) policy->windows = {some_window(rng, now)};
  if (rng.chance(20)) {
    auto& live = std::next(policy->playbooks.begin(), rng.between(0, 2))->second;
    live.mode = Mode::DryRun;
  }
  if (rng.chance(30))
    for (auto& [name, live] : policy->playbooks)
      live.limits = {rng.between(1, 3), rng.between(5min, 60min), rng.between(10s, 180s),
                     live.limits.patience};
  if (rng.chance(20))
    policy->targets.erase(std::next(policy->targets.begin(),
                                    rng.between(0, static_cast<int>(policy->targets.size()) - 1)));
  if (rng.chance(10)) policy->playbooks.erase("queue-full");
  if (rng.chance(10)) policy->correlation_window = rng.between(0s, 180s);
  if (rng.chance(10)) policy->scopes.clear();
  if (rng.chance(10)) {
    policy->upstream.clear();
    policy->downstream.clear();
  }
  if (rng.chance(10)) policy->receivers.erase("oncall");
  return policy;
}

Duration longest_life(const Scenario& scenario) {
  // What decide gives beyond each limit, and the longest time between two looks at a guard.
  constexpr Duration kBeyond = 70s;
  constexpr Duration kLook = 60s;
  constexpr int kStepsMost = 3;
  constexpr int kPlansMost = 5;  // of one tier, when the world moves under each
  constexpr Duration kNone{0};
  constexpr Duration kLease = 40min;  // to its end, and until its undo is done or given up
  constexpr int kLives = 3;           // of what it waits for, twice at most, and its own
  Duration most{0};
  for (const Playbook* playbook :
       {scenario.for_collectors[0].get(), scenario.for_collectors[1].get(),
        scenario.for_hosts.get(), scenario.for_groups.get()}) {
    Duration hold{0};
    for (const CheckSpec& check : playbook->verify.checks) hold = std::max(hold, check.hold);
    const Duration looking = playbook->verify.within + hold + kBeyond;
    Duration life = looking + (playbook->tiers.empty() ? playbook->limits.patience : kNone);
    for (const Tier& tier : playbook->tiers) {
      const Duration attempt =
          looking + tier.timeout + kBeyond + kStepsMost * (3 * tier.timeout + kBeyond) + looking;
      const Duration asking =
          tier.approval ? 3 * tier.approval->expires + 2 * attempt : Duration{0};
      life += kPlansMost * attempt + playbook->limits.patience + kLook + asking;
    }
    most = std::max(most, life);
  }
  return kLives * most + kLease;
}

}  // namespace fieldmedic::core::sim
