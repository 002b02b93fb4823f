#include "remediator/webhook.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "remediator/api.hpp"
#include "remediator/route.hpp"
#include "remediator/webhook_message.hpp"

namespace fieldmedic {
namespace {

constexpr std::string_view kWatchdog = "Watchdog";

core::RoutedAlert set_aside(PoisonAlert poison) {
  core::RoutedAlert routed;
  routed.alert.key =
      poison.key.value_or(core::AlertKey{"alertmanager", "unreadable", core::Time{}});
  routed.ignored = core::IgnoreReason::Poison;
  routed.why = std::move(poison.why);
  return routed;
}

bool is_watchdog(const core::Alert& alert) {
  const auto name = alert.labels.find("alertname");
  return alert.status == core::AlertStatus::Firing && name != alert.labels.end() &&
         name->second == kWatchdog;
}

void count(const WebhookMessage& message, Metrics& metrics) {
  std::size_t firing = 0;
  for (const core::Alert& alert : message.alerts) {
    if (alert.status == core::AlertStatus::Firing) ++firing;
    if (is_watchdog(alert)) metrics.watchdog_seen();
  }
  metrics.alerts_received(core::AlertStatus::Firing, firing);
  metrics.alerts_received(core::AlertStatus::Resolved, message.alerts.size() - firing);
}

core::AlertBatch batch_of(WebhookMessage message, const RemediatorConfig& config) {
  core::AlertBatch batch;
  batch.watchdog = std::ranges::any_of(message.alerts, is_watchdog);
  batch.alerts.reserve(message.alerts.size() + message.poison.size());
  for (core::Alert& alert : message.alerts) batch.alerts.push_back(route(config, std::move(alert)));
  for (PoisonAlert& poison : message.poison) batch.alerts.push_back(set_aside(std::move(poison)));
  if (message.truncated > 0)
    batch.lost = std::to_string(message.truncated) + " alerts cut by max_alerts";
  return batch;
}

ServerResponse come_again(const std::string& why) {
  ServerResponse response = error_response(503, why);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

// `taken` is the answer when all is on disk.
ServerResponse submit(Engine& engine, Metrics& metrics, core::AlertBatch batch,
                      ServerResponse taken) {
  switch (engine.submit(std::move(batch))) {
    case Intake::Recorded: return taken;
    case Intake::QueueFull:
      metrics.queue_refused();
      return come_again("too many alerts wait already");
    case Intake::JournalRefuses: return come_again("the journal cannot be written now");
    case Intake::Stopping: return come_again("the remediator is ending");
  }
  return come_again("unknown");
}

ServerResponse receive(Engine& engine, Metrics& metrics, const RemediatorConfig& config,
                       const ServerRequest& request) {
  auto message = parse_webhook(request.body);
  if (!message) return error_response(400, message.error().message);
  count(*message, metrics);
  return submit(engine, metrics, batch_of(std::move(*message), config),
                {200, "application/json; charset=utf-8", "{\"status\":\"ok\"}\n", {}});
}

ServerResponse lose(Engine& engine, Metrics& metrics, std::size_t announced) {
  core::AlertBatch batch;
  batch.lost = announced > 0 ? "a webhook of " + std::to_string(announced) + " bytes was too large"
                             : "a webhook of unknown length was too large";
  return submit(engine, metrics, std::move(batch),
                error_response(413, "more than " + std::to_string(kWebhookLimit) +
                                        " bytes; its alerts are asked back from Alertmanager"));
}

// `handler`, for those who may start remedies.
Handler for_senders(RoleOf role_of, Handler handler) {
  return
      [role_of = std::move(role_of), handler = std::move(handler)](const ServerRequest& request) {
        if (role_of(request.user) >= core::Role::Sender) return handler(request);
        return error_response(
            403, "posting alerts takes the role sender; yours is " +
                     std::string(to_string(role_of(request.user))) +
                     ": give it under 'roles' to the user that Alertmanager logs in as");
      };
}

}  // namespace

Route webhook_route(Engine& engine, Metrics& metrics, CurrentConfig config, RoleOf role_of) {
  Route route;
  route.method = "POST";
  route.path = "/api/v1/alertmanager";
  route.body_limit = kWebhookLimit;
  const auto counted = [&metrics](ServerResponse response) {
    metrics.webhook_answered(response.status);
    return response;
  };
  const Handler taken = for_senders(
      role_of, refuse_web_pages([&engine, &metrics, config](const ServerRequest& request) {
        return receive(engine, metrics, *config(), request);
      }));
  route.handler = [counted, taken](const ServerRequest& request) {
    return counted(taken(request));
  };
  route.too_large = [&engine, &metrics, counted, role_of](const ServerRequest& request,
                                                          std::size_t announced) {
    return counted(for_senders(role_of, refuse_web_pages([&](const ServerRequest&) {
                                 return lose(engine, metrics, announced);
                               }))(request));
  };
  return route;
}

}  // namespace fieldmedic
