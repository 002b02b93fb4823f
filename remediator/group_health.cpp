#include "remediator/group_health.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace fieldmedic {
namespace {

using Json = nlohmann::json;

// collector_up and (time() - timestamp(collector_up) < 60)
constexpr std::string_view kQuery =
    "/api/v1/query?query=collector_up%20and%20%28time%28%29%20-%20timestamp%28collector_up%29%20"
    "%3C%2060%29";
constexpr std::size_t kBodyLimit = 16UL << 20;
constexpr std::chrono::seconds kTimeout{3};

std::string label(const Json& metric, const char* name) {
  const auto found = metric.find(name);
  return found != metric.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Throws what Json throws when the answer has another shape.
core::GroupHealth read(const Json& answer, const std::set<std::string, std::less<>>& hosts) {
  core::GroupHealth health;
  for (const Json& series : answer.at("data").at("result")) {
    const std::string host = label(series.at("metric"), "host");
    const std::string collector = label(series.at("metric"), "collector");
    if (collector.empty() || !hosts.contains(host)) continue;
    ++health.samples;
    auto& well = health.well[collector];  // a collector of which none is well is named too
    if (series.at("value").at(1).get<std::string>() == "1") well.insert(host);
  }
  return health;
}

}  // namespace

Result<core::GroupHealth> parse_group_health(std::string_view body,
                                             const std::set<std::string, std::less<>>& hosts) {
  try {
    const Json answer = Json::parse(body);
    if (answer.at("status") != "success" || answer.at("data").at("resultType") != "vector")
      return fail(Errc::Malformed, "Prometheus answers no vector");
    if (const auto warnings = answer.find("warnings");
        warnings != answer.end() && !warnings->empty())
      return fail(Errc::Unavailable, "Prometheus warns: the answer may be partial");
    return read(answer, hosts);
  } catch (const Json::exception&) {
    return fail(Errc::Malformed, "Prometheus answers what cannot be read");
  }
}

Result<core::GroupHealth> ask_group_health(const ServerPool& prometheus, HttpClient& http,
                                           const std::set<std::string, std::less<>>& hosts,
                                           std::stop_token stop) {
  if (prometheus.empty()) return fail(Errc::Unavailable, "no prometheus is configured");
  HttpRequest request;
  request.timeout = kTimeout;
  request.body_limit = kBodyLimit;
  const auto response = prometheus.ask(http, kQuery, std::move(request), std::move(stop));
  if (!response) return fail(response.error());
  if (response->status != 200)
    return fail(Errc::Unavailable, "Prometheus answers " + std::to_string(response->status));
  return parse_group_health(response->body, hosts);
}

}  // namespace fieldmedic
