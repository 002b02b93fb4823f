#include "remediator/exporter_evidence.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/redact_text.hpp"

namespace fieldmedic {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kTimeout{3};
constexpr const char* kExporterTimeout = "2";  // seconds, of which it keeps some for the way back
constexpr std::size_t kBodyLimit = 128UL * 1024;  // an exporter answers at most half of it
constexpr std::size_t kMostChecks = 8;
constexpr std::size_t kMostTold = 4;        // lines of one check
constexpr std::size_t kMostLine = 200;      // bytes
constexpr std::size_t kMostSummary = 2048;  // bytes

std::string text_of(const Json& object, const char* name, std::size_t most) {
  return shown_line(object.at(name).get<std::string>(), most);
}

bool is_worth_telling(const Json& evidence) {
  const auto verdict = evidence.find("verdict");
  return verdict != evidence.end() && *verdict != "ok";
}

// "D1 process suspect (no process lives)". Throws what Json throws.
std::string told(const Json& check) {
  auto told =
      fmt::format("{} {}", text_of(check, "name", kMostLine), text_of(check, "verdict", kMostLine));
  if (check.contains("id")) told.insert(0, text_of(check, "id", kMostLine) + " ");
  std::string why;
  std::size_t lines = 0;
  for (const Json& evidence : check.at("evidence")) {
    if (!is_worth_telling(evidence) || ++lines > kMostTold) continue;
    if (!why.empty()) why += "; ";
    why += text_of(evidence, "text", kMostLine);
  }
  if (lines > kMostTold) why += "; …";
  return why.empty() ? told : fmt::format("{} ({})", told, why);
}

std::string read(const Json& document) {
  std::string summary;
  std::size_t checks = 0;
  for (const char* list : {"checks", "beside"}) {
    for (const Json& check : document.at(list)) {
      if (++checks > kMostChecks) continue;
      if (!summary.empty()) summary += ", ";
      summary += told(check);
    }
  }
  return shown_line(summary, kMostSummary);
}

// Names of collectors are letters, digits and "_.-": nothing to encode.
std::string path_of(std::string_view collector) {
  return fmt::format("/diagnose?collector={}&format=json", collector);
}

}  // namespace

Result<std::string> summary_of(std::string_view body) {
  try {
    return read(Json::parse(body));
  } catch (const Json::exception&) {
    return fail(Errc::Malformed, "the exporter answers what is no diagnosis");
  }
}

Result<std::string> ask_exporter(const ServerAccess& exporter, HttpClient& http,
                                 std::string_view collector, std::stop_token stop) {
  HttpRequest request = exporter.request(path_of(collector));
  request.headers.emplace_back("X-Prometheus-Scrape-Timeout-Seconds", kExporterTimeout);
  request.timeout = kTimeout;
  request.body_limit = kBodyLimit;
  const auto response = http.send(request, std::move(stop));
  if (!response) return fail(response.error());
  if (response->status != 200)
    return fail(Errc::Unavailable, fmt::format("the exporter answers {}", response->status));
  return summary_of(response->body);
}

std::string evidence_about(std::string_view collector, const ServerAccess& exporter,
                           HttpClient& http, std::stop_token stop) {
  const auto said = ask_exporter(exporter, http, collector, std::move(stop));
  return said ? "its exporter says: " + *said
              : "its exporter says nothing: " + said.error().message;
}

}  // namespace fieldmedic
