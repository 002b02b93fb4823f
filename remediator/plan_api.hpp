// POST /api/v1/plan: what would be done for an alert with these labels, and nothing done.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/clock.hpp"
#include "common/http_server.hpp"
#include "common/result.hpp"
#include "remediator/forecast.hpp"
#include "remediator/order_api.hpp"

namespace fieldmedic {

// What answers with; of the running configuration, asked anew for each request.
struct PlanDesk {
  std::function<std::shared_ptr<const RemediatorConfig>()> config;
  std::function<std::shared_ptr<const EffectTools>()> tools;
  Engine& engine;
  const Clock& clock;
};

// {"labels":{"alertname":"CollectorDown","host":"sh-01"}}: at most 64 labels of at most 4096 bytes.
// Pure. Errc::Invalid says what is wrong.
[[nodiscard]] Result<core::Alert> read_plan_request(std::string_view body);

// Pure.
[[nodiscard]] std::string forecast_json(const Forecast& forecast);

// Takes the role operator: it makes the remediator read its hosts. One at a time, others are
// answered 503. `desk`'s engine and clock must outlive the server.
[[nodiscard]] Route plan_route(PlanDesk desk, RoleOf role_of);

}  // namespace fieldmedic
