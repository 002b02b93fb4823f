#include "remediator/plan_api.hpp"

#include <memory>
#include <mutex>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/quote.hpp"
#include "remediator/api.hpp"

namespace fieldmedic {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostLabels = 64;
constexpr std::size_t kLongestLabel = 4096;

Json checks_json(const Forecast& forecast) {
  Json list = Json::array();
  for (std::size_t i = 0; i < forecast.checks.size(); ++i)
    list.push_back({{"check", forecast.routed.playbook->verify.checks[i].check.type},
                    {"verdict", to_string(forecast.checks[i].verdict)},
                    {"evidence", forecast.checks[i].evidence}});
  return list;
}

Json plan_json(const TierForecast& forecast) {
  Json steps = Json::array();
  for (const core::Step& step : forecast.plan->steps) steps.push_back(step.name);
  return {{"summary", forecast.plan->summary},
          {"hash", forecast.hash},
          {"steps", std::move(steps)},
          {"resources", forecast.plan->resources}};
}

Json tier_json(const TierForecast& forecast) {
  Json json{{"tier", forecast.tier.name}, {"action", forecast.tier.action.type}};
  if (!forecast.tier.when.empty()) json["when"] = forecast.tier.when;
  if (forecast.applies.truth != core::Truth::Yes)
    json["left_out"] = forecast.applies.why;
  else if (forecast.plan)
    json["plan"] = plan_json(forecast);
  else
    json["no_plan"] = forecast.plan.error().message;
  if (forecast.tier.approval) json["approval_from"] = to_string(forecast.tier.approval->from);
  if (forecast.refusal)
    json["refused"] = {{"guard", to_string(forecast.refusal->guard)},
                       {"reason", forecast.refusal->reason},
                       {"for_good", !forecast.refusal->retry_at.has_value()}};
  return json;
}

ServerResponse answer(const PlanDesk& desk, std::string_view body) {
  auto alert = read_plan_request(body);
  if (!alert) return error_response(400, alert.error().message);
  const auto config = desk.config();
  const auto tools = desk.tools();
  const auto forecast = fieldmedic::forecast({*config, *tools, desk.engine, desk.clock},
                                             *std::move(alert), std::stop_token());
  if (!forecast) return error_response(503, forecast.error().message);
  return {200, "application/json; charset=utf-8", forecast_json(*forecast), {}};
}

}  // namespace

Result<core::Alert> read_plan_request(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object() || json.size() != 1 || !json.contains("labels") ||
      !json["labels"].is_object())
    return fail(Errc::Invalid, "the body wants to be {\"labels\":{\"alertname\":\"…\"}}");
  core::Alert alert;
  for (const auto& [name, value] : json["labels"].items()) {
    if (!value.is_string() || value.get_ref<const std::string&>().size() > kLongestLabel)
      return fail(Errc::Invalid, fmt::format("label {} wants a string of at most {} bytes",
                                             quote_hostile(name), kLongestLabel));
    alert.labels[name] = value.get<std::string>();
  }
  if (alert.labels.size() > kMostLabels || alert.labels.empty())
    return fail(Errc::Invalid, fmt::format("'labels' wants 1 to {} labels", kMostLabels));
  return alert;
}

std::string forecast_json(const Forecast& forecast) {
  const core::RoutedAlert& routed = forecast.routed;
  Json json = Json::object();
  if (routed.playbook == nullptr) {
    json["ignored"] = to_string(routed.ignored);
    json["why"] = routed.why;
  } else {
    json["target"] = core::key_of(routed.target);
    json["host"] = routed.target.host;
    json["playbook"] = routed.playbook->name;
    json["mode"] = to_string(routed.playbook->mode);
    if (forecast.open_incident != 0) json["open_incident"] = forecast.open_incident;
    if (forecast.waits_for != 0) json["waits_for"] = forecast.waits_for;
    json["checks"] = checks_json(forecast);
    json["tiers"] = Json::array();
    for (const TierForecast& tier : forecast.tiers) json["tiers"].push_back(tier_json(tier));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Route plan_route(PlanDesk desk, RoleOf role_of) {
  auto busy = std::make_shared<std::mutex>();
  return {.method = "POST",
          .path = "/api/v1/plan",
          .handler = refuse_web_pages([desk = std::move(desk), role_of = std::move(role_of),
                                       busy = std::move(busy)](const ServerRequest& request) {
            if (auto no = refused_role(role_of, request.user, core::Role::Operator)) return *no;
            const std::unique_lock one(*busy, std::try_to_lock);
            if (!one) return error_response(503, "another plan is being made; ask again");
            return answer(desk, request.body);
          }),
          .too_large = {}};
}

}  // namespace fieldmedic
