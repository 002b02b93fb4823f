// Alertmanager's own list of alerts, to ask back what a webhook lost (api/v2/openapi.yaml,
// gettableAlerts).
#pragma once

#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "remediator/core/alert.hpp"

namespace fieldmedic {

enum class AlertsWanted {
  Active,    // neither silenced nor inhibited
  Existing,  // whatever their state
};

// The alerts of GET /api/v2/alerts that would be sent to `receiver` (its name, not quoted). An
// alert that cannot be used is left out. What is not in the list is not resolved (S6). Pure;
// Errc::Malformed as parse_webhook, Errc::TooLarge for more than kMostAlerts.
[[nodiscard]] Result<std::vector<core::Alert>> parse_alertmanager_alerts(
    std::string_view body, std::string_view receiver, AlertsWanted wanted = AlertsWanted::Active);

}  // namespace fieldmedic
