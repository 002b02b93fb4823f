// Where Alertmanager delivers: POST /api/v1/alertmanager (remediation.md §1).
#pragma once

#include <functional>
#include <memory>

#include "common/http_server.hpp"
#include "remediator/config.hpp"
#include "remediator/engine.hpp"
#include "remediator/metrics.hpp"
#include "remediator/order_api.hpp"

namespace fieldmedic {

// Bodies up to this are taken: Alertmanager does not cut by default.
inline constexpr std::size_t kWebhookLimit = 64 * 1024 * 1024;

using CurrentConfig = std::function<std::shared_ptr<const RemediatorConfig>()>;

// Takes the role sender: an alert starts remedies. 403 without it, and nothing is recorded.
// 2xx only after everything is on disk (S15); 4xx with the reason for what can never be taken; 503,
// never 429, for what should come again soon. A body over the limit is answered 413 after the loss
// is on record; what it held is asked back from Alertmanager. All must outlive the server.
[[nodiscard]] Route webhook_route(Engine& engine, Metrics& metrics, CurrentConfig config,
                                  RoleOf role_of);

}  // namespace fieldmedic
