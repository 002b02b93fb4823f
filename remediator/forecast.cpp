#include "remediator/forecast.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "remediator/actions/actions.hpp"
#include "remediator/checks/checks.hpp"
#include "remediator/plan_hash.hpp"
#include "remediator/route.hpp"

namespace fieldmedic {
namespace {

core::CheckAnswer ask_check(const core::CheckSpec& spec, const core::Target& target,
                            const CheckTools& tools, const std::stop_token& stop) {
  const auto check = make_check(spec.check, tools);
  if (!check) return {core::Verdict::Unknown, check.error().message};
  return (*check)->run(target, stop);
}

TierForecast plan_tier(const core::Tier& tier, const core::RoutedAlert& routed,
                       const ActionTools& tools, const std::stop_token& stop) {
  const auto action = make_action(tier.action, tools);
  if (!action) return {tier, fail(action.error()), {}};
  auto plan = (*action)->plan({routed.target, routed.alert.labels}, stop);
  std::string hash = plan ? plan_hash(tier.action, routed.target, *plan) : std::string();
  return {tier, std::move(plan), std::move(hash)};
}

// The incident that is, or the one that would be opened.
core::Incident incident_for(const core::State& state, const core::RoutedAlert& routed) {
  const auto open = state.open_by_target.find(core::key_of(routed.target));
  if (open != state.open_by_target.end())
    if (const core::Incident* incident = state.find(open->second)) return *incident;
  core::Incident incident;
  incident.target = routed.target;
  incident.playbook = routed.playbook;
  incident.labels = routed.alert.labels;
  return incident;
}

void ask_guards(Forecast& forecast, const core::Policy& policy, const core::State& state,
                const std::optional<Result<core::GroupHealth>>& health, core::Time wall) {
  const core::Time now = std::max(state.last, wall);
  const core::Incident incident = incident_for(state, forecast.routed);
  forecast.open_incident = incident.id;
  for (TierForecast& tier : forecast.tiers) {
    if (!tier.plan) continue;
    tier.refusal = core::ask_guards(policy, state, incident, &*tier.plan, now);
    if (!tier.refusal) tier.refusal = core::ask_health(policy, incident, *tier.plan, health, now);
  }
}

}  // namespace

Result<Forecast> forecast(const ForecastSite& site, core::Alert alert,
                          const std::stop_token& stop) {
  Forecast forecast{.routed = route(site.config, std::move(alert))};
  if (forecast.routed.playbook == nullptr) return forecast;
  const core::Target& target = forecast.routed.target;
  for (const core::CheckSpec& spec : forecast.routed.playbook->verify.checks)
    forecast.checks.push_back(ask_check(spec, target, site.tools.checks, stop));
  for (const core::Tier& tier : forecast.routed.playbook->tiers)
    forecast.tiers.push_back(plan_tier(tier, forecast.routed, site.tools.actions, stop));
  std::optional<Result<core::GroupHealth>> health;
  if (site.tools.health) health = site.tools.health(target, stop);
  const core::Policy policy = policy_of(site.config);
  const auto asked = site.engine.ask([&](const core::State& state, Journal&) {
    ask_guards(forecast, policy, state, health, site.clock.wall());
  });
  if (!asked) return fail(asked.error());
  return forecast;
}

}  // namespace fieldmedic
