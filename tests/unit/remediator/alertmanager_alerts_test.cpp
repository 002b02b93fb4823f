#include "remediator/alertmanager_alerts.hpp"

#include <string>

#include <fmt/format.h>

#include "remediator/alert_reader.hpp"
#include "remediator/rfc3339.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

// As Alertmanager 0.25 answers it.
std::string api_alert(std::string_view fingerprint, std::string_view state,
                      std::string_view receivers) {
  return fmt::format(
      R"({{"annotations":{{"summary":"down"}},"endsAt":"2026-11-23T06:08:57.730Z","fingerprint":"{}",)"
      R"("receivers":{},"startsAt":"2026-11-23T06:03:57.730Z","status":{{"inhibitedBy":[],"silencedBy":[],)"
      R"("state":"{}"}},"updatedAt":"2026-11-23T06:04:57.731Z","generatorURL":"http://p/graph",)"
      R"("labels":{{"alertname":"CollectorDown","collector":"orders"}}}})",
      fingerprint, receivers, state);
}

constexpr std::string_view kOurs = R"([{"name":"people"},{"name":"medic.all"}])";

std::vector<std::string> fingerprints_of(std::string_view body) {
  const auto alerts = parse_alertmanager_alerts(body, "medic.all");
  INFO((alerts ? std::string() : alerts.error().message));
  REQUIRE(alerts);
  std::vector<std::string> found;
  for (const auto& alert : *alerts) found.push_back(alert.key.fingerprint);
  return found;
}

TEST_CASE("an active alert for our receiver is read whole") {
  const auto alerts =
      parse_alertmanager_alerts("[" + api_alert("5cc0", "active", kOurs) + "]\n", "medic.all");
  REQUIRE(alerts);
  REQUIRE(alerts->size() == 1);
  const auto& alert = alerts->front();
  CHECK(alert.status == core::AlertStatus::Firing);
  CHECK(alert.key ==
        core::AlertKey{"alertmanager", "5cc0", parse_rfc3339("2026-11-23T06:03:57.73Z").value()});
  CHECK(alert.labels == core::LabelMap{{"alertname", "CollectorDown"}, {"collector", "orders"}});
  CHECK(alert.annotations == core::LabelMap{{"summary", "down"}});
}

TEST_CASE("only active alerts of our receiver are taken") {
  CHECK(fingerprints_of("[]").empty());
  CHECK(fingerprints_of("[" + api_alert("a1", "suppressed", kOurs) + "," +
                        api_alert("a2", "unprocessed", kOurs) + "," +
                        api_alert("a3", "active", R"([{"name":"people"}])") + "," +
                        api_alert("a4", "active", "[]") + "," + api_alert("a5", "active", kOurs) +
                        "," + api_alert("a6", "active", R"([{"name":"medic\\.all"}])") + "]") ==
        std::vector<std::string>{"a5"});
}

TEST_CASE("every alert of our receiver is taken where what exists is asked") {
  const std::string body = "[" + api_alert("a1", "suppressed", kOurs) + "," +
                           api_alert("a2", "active", kOurs) + "," +
                           api_alert("a3", "active", "[]") + "]";
  const auto alerts = parse_alertmanager_alerts(body, "medic.all", AlertsWanted::Existing);
  REQUIRE(alerts);
  REQUIRE(alerts->size() == 2);
  CHECK(alerts->front().key.fingerprint == "a1");
}

TEST_CASE("an alert of the list that cannot be used is left out") {
  CHECK(fingerprints_of("[1,[2],{}," + api_alert("no hex", "active", kOurs) + "," +
                        api_alert("a1", "active", kOurs) + "," +
                        api_alert("a2", "active", R"("medic.all")") +
                        R"(,{"status":"active","receivers":[{"name":"medic.all"}]}])") ==
        std::vector<std::string>{"a1"});
}

TEST_CASE("an answer that is not a list of alerts is malformed") {
  for (const char* body :
       {"", "{}", "null", "\"x\"", "[", "[1", R"({"code":401,"message":"no"})"}) {
    const auto alerts = parse_alertmanager_alerts(body, "r");
    REQUIRE_FALSE(alerts);
    CHECK(alerts.error().code == Errc::Malformed);
  }
  CHECK_FALSE(parse_alertmanager_alerts(std::string(100'000, '['), "r"));
}

TEST_CASE("more alerts than the bound are too large an answer") {
  std::string body = "[" + api_alert("a1", "active", kOurs);
  for (std::size_t i = 1; i < kMostAlerts; ++i) body += "," + api_alert("a2", "active", kOurs);
  CHECK(fingerprints_of(body + "]").size() == kMostAlerts);
  const auto alerts =
      parse_alertmanager_alerts(body + "," + api_alert("a3", "active", kOurs) + "]", "medic.all");
  REQUIRE_FALSE(alerts);
  CHECK(alerts.error().code == Errc::TooLarge);
}

}  // namespace
}  // namespace fieldmedic
