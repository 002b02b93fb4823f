#include "remediator/api.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "remediator/core/fold.hpp"
#include "remediator/incident_json.hpp"

namespace fieldmedic {
namespace {

constexpr std::string_view kList = "/api/v1/incidents";
constexpr std::string_view kOne = "/api/v1/incidents/";
constexpr std::size_t kMostListed = 1000;
constexpr std::size_t kMostEvents = 10'000;

ServerResponse json_response(std::string body) {
  return {200, "application/json; charset=utf-8", std::move(body), {}};
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<Listed> listed_of(const std::vector<std::string>& states) {
  if (states.empty()) return Listed::All;
  if (states.front() == "open") return Listed::Open;
  if (states.front() == "ended") return Listed::Ended;
  return fail(Errc::Invalid, "state is 'open' or 'ended'");
}

ServerResponse list(Engine& engine, const ServerRequest& request) {
  const auto listed = listed_of(request.parameters("state"));
  if (!listed) return error_response(400, listed.error().message);
  std::size_t most = 100;
  if (const auto limits = request.parameters("limit"); !limits.empty()) {
    const auto limit = number(limits.front());
    if (!limit || *limit == 0 || *limit > kMostListed)
      return error_response(400, "limit is a number from 1 to " + std::to_string(kMostListed));
    most = *limit;
  }
  std::string body;
  const auto asked = engine.ask(
      [&](const core::State& state, Journal&) { body = incidents_json(state, *listed, most); });
  return asked ? json_response(std::move(body)) : error_response(503, asked.error().message);
}

// The incident as the state has it; one that has ended long ago is folded again from its own
// events.
std::optional<core::Incident> find(const core::State& state, core::IncidentId id,
                                   const std::vector<Record>& timeline) {
  if (const core::Incident* open = state.find(id)) return *open;
  if (const auto ended = std::ranges::find(state.ended, id, &core::Incident::id);
      ended != state.ended.end())
    return *ended;
  core::State past;
  for (const Record& record : timeline) core::fold(past, record.event);
  if (past.ended.empty()) return std::nullopt;
  return past.ended.back();
}

ServerResponse one(Engine& engine, const ServerRequest& request) {
  const auto id = number(request.path.substr(kOne.size()));
  if (!id || *id == 0) return error_response(404, "an incident is named by its number");
  ServerResponse response = error_response(404, "no incident " + std::to_string(*id));
  const auto asked = engine.ask([&](const core::State& state, Journal& journal) {
    const auto timeline = journal.timeline(*id, kMostEvents);
    if (!timeline) {
      response = error_response(500, "the journal cannot be read: " + timeline.error().message);
      return;
    }
    if (timeline->empty()) return;
    if (const auto incident = find(state, *id, *timeline))
      response = json_response(incident_json(*incident, *timeline, state.related.adopted_by(*id)));
  });
  return asked ? response : error_response(503, asked.error().message);
}

}  // namespace

ServerResponse error_response(int status, const std::string& message) {
  const nlohmann::json body{{"status", "error"}, {"error", message}};
  return {status,
          "application/json; charset=utf-8",
          body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
          {}};
}

Handler refuse_web_pages(Handler handler) {
  return [handler = std::move(handler)](const ServerRequest& request) {
    if (request.header && !request.header("Origin").empty())
      return error_response(403, "nothing is taken from web pages");
    return handler(request);
  };
}

std::vector<Route> api_routes(Engine& engine) {
  std::vector<Route> routes(2);
  routes[0].method = routes[1].method = "GET";
  routes[0].path = kList;
  routes[0].handler = [&engine](const ServerRequest& request) { return list(engine, request); };
  routes[1].path = kOne;
  routes[1].handler = [&engine](const ServerRequest& request) { return one(engine, request); };
  return routes;
}

}  // namespace fieldmedic
