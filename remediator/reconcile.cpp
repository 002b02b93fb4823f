#include "remediator/reconcile.hpp"

#include <string>
#include <utility>

#include "remediator/alertmanager_alerts.hpp"
#include "remediator/route.hpp"
#include "remediator/webhook.hpp"

namespace fieldmedic {

Result<std::vector<core::RoutedAlert>> ask_alertmanager(const RemediatorConfig& config,
                                                        HttpClient& http, std::stop_token stop) {
  const AlertmanagerAccess& access = config.alertmanager;
  if (access.server.url.empty()) return fail(Errc::Invalid, "no alertmanager is configured");
  HttpRequest request =
      access.server.request("/api/v2/alerts?active=true&silenced=false&inhibited=false");
  request.timeout = std::chrono::seconds(20);
  request.body_limit = kWebhookLimit;
  const auto response = http.send(request, std::move(stop));
  if (!response) return fail(response.error());
  if (response->status != 200)
    return fail(Errc::Unavailable, "Alertmanager answered " + std::to_string(response->status));
  auto alerts = parse_alertmanager_alerts(response->body, access.receiver);
  if (!alerts) return wrap(alerts.error(), "Alertmanager's list of alerts");
  std::vector<core::RoutedAlert> routed;
  for (core::Alert& alert : *alerts) routed.push_back(route(config, std::move(alert)));
  return routed;
}

}  // namespace fieldmedic
