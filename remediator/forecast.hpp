// What would be done for an alert: the same routing, checks, plans and guards as for a real one,
// and nothing is recorded or changed.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "remediator/config.hpp"
#include "remediator/core/guard.hpp"
#include "remediator/core/tier_condition.hpp"
#include "remediator/effects.hpp"
#include "remediator/engine.hpp"

namespace fieldmedic {

struct TierForecast {
  core::Tier tier;
  Result<core::Plan>
      plan;          // its error: why this remedy does not fit, or that the world is unreadable
  std::string hash;  // of the plan; what an approval would be bound to (S4)
  std::optional<core::Refusal> refusal{};  // the first guard that says no now
  core::Applicability applies{};           // unless it does, there is no plan
};

struct Forecast {
  core::RoutedAlert routed;                 // without a playbook: nothing would be done, and why
  core::IncidentId open_incident = 0;       // that the alert would belong to; 0: it opens one
  core::IncidentId waits_for = 0;           // a wider incident that owns its cause; 0: none
  std::vector<core::CheckAnswer> checks{};  // of the playbook, in order
  std::vector<TierForecast> tiers{};        // each as if its turn had come
};

// Where to ask.
struct ForecastSite {
  const RemediatorConfig& config;
  const EffectTools& tools;
  Engine& engine;
  const Clock& clock;
};

// Reads the world as the checks and the plans do, and returns within their timeouts.
// Errc::Unavailable: the engine has ended. Thread-safe.
[[nodiscard]] Result<Forecast> forecast(const ForecastSite& site, core::Alert alert,
                                        const std::stop_token& stop);

}  // namespace fieldmedic
