#include "remediator/reconcile.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "remediator/alertmanager_alerts.hpp"
#include "remediator/route.hpp"
#include "remediator/webhook.hpp"

namespace fieldmedic {

namespace {

Result<std::vector<core::Alert>> read_answer(const Result<HttpResponse>& response,
                                             std::string_view receiver, AlertsWanted wanted) {
  if (!response) return fail(response.error());
  if (response->status != 200)
    return fail(Errc::Unavailable, "Alertmanager answered " + std::to_string(response->status));
  auto alerts = parse_alertmanager_alerts(response->body, receiver, wanted);
  if (!alerts) return wrap(alerts.error(), "Alertmanager's list of alerts");
  return alerts;
}

// What any member of the cluster has. Active ones are taken of those that answer; that one is gone
// is said by all of them or not at all: who was started a moment ago knows none yet.
Result<std::vector<core::Alert>> ask(const RemediatorConfig& config, HttpClient& http,
                                     std::string_view path, AlertsWanted wanted,
                                     std::stop_token stop) {
  const AlertmanagerAccess& access = config.alertmanager;
  if (access.servers.empty()) return fail(Errc::Invalid, "no alertmanager is configured");
  HttpRequest request;
  request.timeout = std::chrono::seconds(20);
  request.body_limit = kWebhookLimit;
  std::map<core::AlertKey, core::Alert> alerts;
  std::optional<Error> failed;
  bool answered = false;
  for (const auto& response :
       access.servers.ask_all(http, path, std::move(request), std::move(stop))) {
    auto some = read_answer(response, access.receiver, wanted);
    if (!some) {
      failed = std::move(some.error());
      continue;
    }
    answered = true;
    for (core::Alert& alert : *some) alerts.try_emplace(alert.key, std::move(alert));
  }
  if (failed && (!answered || wanted == AlertsWanted::Existing))
    return wrap(*failed, fmt::format("not all {} addresses of Alertmanager answer",
                                     access.servers.servers().size()));
  std::vector<core::Alert> all;
  for (auto& [key, alert] : alerts) all.push_back(std::move(alert));
  return all;
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
