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

// What the members of a cluster have together.
struct Union {
  std::map<core::AlertKey, core::Alert> alerts;
  std::size_t answered = 0;
  std::optional<Error> missing;  // of one that did not answer
};

Result<Union> ask(const RemediatorConfig& config, HttpClient& http, std::string_view path,
                  AlertsWanted wanted, std::stop_token stop) {
  const AlertmanagerAccess& access = config.alertmanager;
  if (access.servers.empty()) return fail(Errc::Invalid, "no alertmanager is configured");
  HttpRequest request;
  request.timeout = std::chrono::seconds(20);
  request.body_limit = kWebhookLimit;
  Union all;
  for (const auto& response :
       access.servers.ask_all(http, path, std::move(request), std::move(stop))) {
    auto some = read_answer(response, access.receiver, wanted);
    if (!some) {
      all.missing = std::move(some.error());
      continue;
    }
    ++all.answered;
    for (core::Alert& alert : *some) all.alerts.try_emplace(alert.key, std::move(alert));
  }
  if (all.missing)
    all.missing->message.insert(0, fmt::format("{} of {} addresses of Alertmanager answer: ",
                                               all.answered, access.servers.servers().size()));
  if (all.answered == 0) return fail(*std::move(all.missing));
  return all;
}

}  // namespace

Result<core::AskedBack> ask_alertmanager(const RemediatorConfig& config, HttpClient& http,
                                         std::stop_token stop) {
  auto all = ask(config, http, "/api/v2/alerts?active=true&silenced=false&inhibited=false",
                 AlertsWanted::Active, std::move(stop));
  if (!all) return fail(all.error());
  core::AskedBack back{{}, all->missing ? all->missing->message : std::string()};
  for (auto& [key, alert] : all->alerts) back.alerts.push_back(route(config, std::move(alert)));
  return back;
}

// Who was started a moment ago knows no alert yet, so that one is gone is said by all or not at
// all.
Result<std::vector<core::AlertKey>> ask_existing_alerts(const RemediatorConfig& config,
                                                        HttpClient& http, std::stop_token stop) {
  auto all = ask(config, http, "/api/v2/alerts", AlertsWanted::Existing, std::move(stop));
  if (!all) return fail(all.error());
  if (all->missing) return fail(*std::move(all->missing));
  std::vector<core::AlertKey> keys;
  for (const auto& [key, alert] : all->alerts) keys.push_back(key);
  return keys;
}

}  // namespace fieldmedic
