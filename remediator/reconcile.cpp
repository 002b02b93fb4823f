#include "remediator/reconcile.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "remediator/alertmanager_alerts.hpp"
#include "remediator/route.hpp"
#include "remediator/webhook.hpp"

namespace fieldmedic {

namespace {

Result<std::vector<core::Alert>> ask(const RemediatorConfig& config, HttpClient& http,
                                     std::string_view path, AlertsWanted wanted,
                                     std::stop_token stop) {
  const AlertmanagerAccess& access = config.alertmanager;
  if (access.server.url.empty()) return fail(Errc::Invalid, "no alertmanager is configured");
  HttpRequest request = access.server.request(path);
  request.timeout = std::chrono::seconds(20);
  request.body_limit = kWebhookLimit;
  const auto response = http.send(request, std::move(stop));
  if (!response) return fail(response.error());
  if (response->status != 200)
    return fail(Errc::Unavailable, "Alertmanager answered " + std::to_string(response->status));
  auto alerts = parse_alertmanager_alerts(response->body, access.receiver, wanted);
  if (!alerts) return wrap(alerts.error(), "Alertmanager's list of alerts");
  return alerts;
}

}  // namespace

Result<std::vector<core::RoutedAlert>> ask_alertmanager(const RemediatorConfig& config,
                                                        HttpClient& http, std::stop_token stop) {
  auto alerts = ask(config, http, "/api/v2/alerts?active=true&silenced=false&inhibited=false",
                    AlertsWanted::Active, std::move(stop));
  if (!alerts) return fail(alerts.error());
  std::vector<core::RoutedAlert> routed;
  for (core::Alert& alert : *alerts) routed.push_back(route(config, std::move(alert)));
  return routed;
}

Result<std::vector<core::AlertKey>> ask_existing_alerts(const RemediatorConfig& config,
                                                        HttpClient& http, std::stop_token stop) {
  const auto alerts = ask(config, http, "/api/v2/alerts", AlertsWanted::Existing, std::move(stop));
  if (!alerts) return fail(alerts.error());
  std::vector<core::AlertKey> keys;
  for (const core::Alert& alert : *alerts) keys.push_back(alert.key);
  return keys;
}

}  // namespace fieldmedic
