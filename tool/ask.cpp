#include "tool/ask.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/quote.hpp"
#include "tool/answer_text.hpp"

namespace fieldmedic::tool {
namespace {

using Json = nlohmann::json;

std::string body_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// An order: what is said once it is on the remediator's disk.
Ask order(std::string path, const Json& body, std::string done) {
  return {.method = "POST",
          .path = std::move(path),
          .body = body_of(body),
          .show = [done = std::move(done)](std::string_view) -> Result<std::string> {
            return done + "\n";
          }};
}

Ask about_scope(std::string path, const std::string& scope, const std::string& reason,
                std::string_view done) {
  return order(std::move(path), {{"scope", scope}, {"reason", reason}},
               fmt::format("{}: {}", scope, done));
}

}  // namespace

Ask list_incidents(const std::string& state, unsigned limit) {
  std::string path = fmt::format("/api/v1/incidents?limit={}", limit);
  if (state != "all") path += "&state=" + state;
  return {.method = "GET", .path = std::move(path), .body = {}, .show = incidents_text};
}

Ask show_incident(std::uint64_t id) {
  return {.method = "GET",
          .path = fmt::format("/api/v1/incidents/{}", id),
          .body = {},
          .show = incident_text};
}

Ask list_brakes() {
  return {.method = "GET", .path = "/api/v1/brakes", .body = {}, .show = brakes_text};
}

Ask list_leases() {
  return {.method = "GET", .path = "/api/v1/leases", .body = {}, .show = leases_text};
}

Result<Ask> make_plan(const std::vector<std::string>& labels) {
  Json pairs = Json::object();
  for (const std::string& label : labels) {
    const std::size_t equals = label.find('=');
    if (equals == 0 || equals == std::string::npos)
      return fail(Errc::Invalid,
                  fmt::format("{} wants to be a label such as host=sh-01", quote_hostile(label)));
    pairs[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return Ask{.method = "POST",
             .path = "/api/v1/plan",
             .body = body_of({{"labels", std::move(pairs)}}),
             .show = plan_text};
}

Ask approve(std::uint64_t id, const std::string& hash) {
  return order(
      fmt::format("/api/v1/incidents/{}/approve", id), {{"hash", hash}},
      fmt::format("incident {}: approved; it is done when it is still what is wanted", id));
}

Ask cancel(std::uint64_t id, const std::string& reason) {
  return order(fmt::format("/api/v1/incidents/{}/cancel", id), {{"reason", reason}},
               fmt::format("incident {}: cancelled", id));
}

Ask end_lease(std::uint64_t id, const std::string& reason) {
  return order(fmt::format("/api/v1/leases/{}/end", id), {{"reason", reason}},
               fmt::format("lease {}: is being undone; `fieldmedic leases` shows how far", id));
}

Ask settle_lease(std::uint64_t id, const std::string& reason) {
  return order(fmt::format("/api/v1/leases/{}/settle", id), {{"reason", reason}},
               fmt::format("lease {}: settled, nothing is undone", id));
}

Ask pause(const std::string& scope, const std::string& reason) {
  return about_scope("/api/v1/pause", scope, reason, "paused until `fieldmedic resume`");
}

Ask resume(const std::string& scope, const std::string& reason) {
  return about_scope("/api/v1/resume", scope, reason, "resumed; what waited is looked at again");
}

Ask close_breaker(const std::string& scope, const std::string& reason) {
  return about_scope("/api/v1/breakers/close", scope, reason,
                     "breaker closed; what waited is looked at again");
}

}  // namespace fieldmedic::tool
