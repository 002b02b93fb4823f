#include "remediator/forecast.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "remediator/core/owner.hpp"
#include "remediator/plan_hash.hpp"
#include "remediator/route.hpp"
#include "remediator/touch.hpp"

namespace fieldmedic {
namespace {

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

// As conditions of tiers look at it: with this alert and with what the checks say now.
core::Incident with_evidence(core::Incident incident, const Forecast& forecast) {
  const core::Alert& alert = forecast.routed.alert;
  const auto name = alert.labels.find("alertname");
  if (name != alert.labels.end())
    incident.alerts[alert.key] = {core::AlertStatus::Firing, name->second};
  incident.playbook = forecast.routed.playbook;
  incident.checks.clear();
  for (const core::CheckAnswer& answer : forecast.checks) incident.checks.push_back({answer, {}});
  return incident;
}

TierForecast plan_tier(const core::Tier& tier, const core::Incident& incident,
                       const ActionTools& tools, const std::stop_token& stop) {
  core::Applicability applies = core::applicability(tier, incident);
  if (applies.truth != core::Truth::Yes)
    return {tier, fail(Errc::Cancelled, applies.why), {}, {}, applies};
  const auto action = action_on(incident.target, tier.action, tools);
  if (!action) return {tier, fail(action.error()), {}};
  auto plan = (*action)->plan({incident.target, incident.labels.unpacked()}, stop);
  std::string hash = plan ? plan_hash(tier.action, incident.target, *plan) : std::string();
  return {tier, std::move(plan), std::move(hash)};
}

void ask_guards(Forecast& forecast, const core::Policy& policy, const core::State& state,
                const std::optional<Result<core::GroupHealth>>& health, core::Time wall) {
  const core::Time now = std::max(state.last, wall);
  core::Incident incident = incident_for(state, forecast.routed);
  if (incident.id == 0) incident.opened_at = now;
  forecast.open_incident = incident.id;
  forecast.waits_for = core::owner_of(policy, state, incident);
  for (std::size_t i = 0; i < forecast.tiers.size(); ++i) {
    TierForecast& tier = forecast.tiers[i];
    if (!tier.plan) continue;
    incident.tier = static_cast<std::uint32_t>(i);
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
    forecast.checks.push_back(ask_check(spec.check, target, site.tools.checks, stop));
  core::Incident incident;
  const auto found = site.engine.ask(
      [&](const core::State& state, Journal&) { incident = incident_for(state, forecast.routed); });
  if (!found) return fail(found.error());
  incident = with_evidence(std::move(incident), forecast);
  for (const core::Tier& tier : forecast.routed.playbook->tiers)
    forecast.tiers.push_back(plan_tier(tier, incident, site.tools.actions, stop));
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
