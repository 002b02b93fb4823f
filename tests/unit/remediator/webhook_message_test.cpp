#include "remediator/webhook_message.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "remediator/rfc3339.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

std::string fixture(const std::string& name) {
  std::ifstream file(FIELDMEDIC_SOURCE_DIR "/tests/fixtures/webhooks/" + name);
  REQUIRE(file);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

WebhookMessage parsed(std::string_view body) {
  auto message = parse_webhook(body);
  INFO((message ? std::string() : message.error().message));
  REQUIRE(message);
  return *std::move(message);
}

constexpr std::string_view kTimes =
    R"("startsAt":"2026-11-23T06:03:57.73Z","endsAt":"0001-01-01T00:00:00Z")";

// A message around the given alerts.
std::string around(std::string_view alerts) {
  return fmt::format(R"({{"version":"4","receiver":"r","alerts":[{}],"truncatedAlerts":0}})",
                     alerts);
}

// An alert whose labels are the given ones.
std::string alert_with(std::string_view labels) {
  return fmt::format(
      R"({{"status":"firing","labels":{},"annotations":{{}},{},"fingerprint":"5cc0"}})", labels,
      kTimes);
}

// The one reason for the one poisonous alert, whose good neighbours are kept.
PoisonAlert poison_of(std::string_view alert) {
  const std::string good = alert_with(R"({"good":"yes"})");
  auto message = parsed(around(good + "," + std::string(alert) + "," + good));
  CHECK(message.alerts.size() == 2);
  REQUIRE(message.poison.size() == 1);
  return message.poison.front();
}

TEST_CASE("a firing alert of a real Alertmanager is read") {
  const auto message = parsed(fixture("firing-one.json"));
  CHECK(message.receiver == R"(medic\.all)");
  CHECK(message.truncated == 0);
  CHECK(message.poison.empty());
  REQUIRE(message.alerts.size() == 1);
  const auto& alert = message.alerts.front();
  CHECK(alert.status == core::AlertStatus::Firing);
  CHECK(alert.key.source == "alertmanager");
  CHECK(alert.key.fingerprint == "5cc02493132a2e7b");
  CHECK(alert.key.starts_at == parse_rfc3339("2026-11-23T06:03:57.730Z").value());
  CHECK(alert.labels == core::LabelMap{{"alertname", "CollectorDown"},
                                       {"collector", "orders"},
                                       {"instance", "127.0.0.1:19500"},
                                       {"job", "fieldmedic"},
                                       {"severity", "critical"}});
  CHECK(alert.annotations ==
        core::LabelMap{{"summary", "collector orders on 127.0.0.1:19500 is down"}});
}

TEST_CASE("a resolved alert keeps the key of the firing one") {
  const auto firing = parsed(fixture("firing-one.json"));
  const auto resolved = parsed(fixture("resolved-one.json"));
  REQUIRE(resolved.alerts.size() == 1);
  CHECK(resolved.alerts[0].status == core::AlertStatus::Resolved);
  CHECK(resolved.alerts[0].key == firing.alerts.at(0).key);
}

TEST_CASE("what was cut is counted whatever the top says") {
  for (const char* name : {"firing-truncated.json", "resolved-on-top-while-cut-ones-fire.json"}) {
    const auto message = parsed(fixture(name));
    CHECK(message.truncated == 3);
    CHECK(message.alerts.size() == 2);
  }
}

TEST_CASE("chinese annotations are kept") {
  const auto message = parsed(fixture("firing-chinese.json"));
  CHECK(message.alerts.at(0).annotations.at("summary") == "磁盘 sda 延迟 31.2ms");
}

TEST_CASE("the status of each alert counts and not the one on top") {
  std::string body = fixture("resolved-one.json");
  const auto top = body.find(R"("status": "resolved")");
  body.replace(top, 20, R"("status": "firing")");
  CHECK(parsed(body).alerts.at(0).status == core::AlertStatus::Resolved);
}

TEST_CASE("unknown fields are ignored at every level") {
  const auto message = parsed(
      R"({"later":{"alerts":[{"labels":5}],"version":"9"},"version":"4","notification_reason":7,"alerts":[{)"
      R"("x":{"labels":{"a":1},"status":3},"generatorURL":5,"status":"firing","labels":{"a":"b"},"y":[[1]],)" +
      std::string(kTimes) + R"(,"fingerprint":"AF09","status2":"resolved"}],"z":[{"y":1.5e3}]})");
  REQUIRE(message.alerts.size() == 1);
  CHECK(message.alerts[0].labels == core::LabelMap{{"a", "b"}});
  CHECK(message.alerts[0].status == core::AlertStatus::Firing);
}

TEST_CASE("a message without alerts is one") {
  CHECK(parsed(R"({"version":"4","alerts":[]})").alerts.empty());
}

TEST_CASE("a message that is not version 4 is malformed and says where") {
  const struct {
    const char* name;
    std::string body;
    const char* why;
  } cases[] = {
      {"empty", "", "not JSON at byte 1"},
      {"blank", "  \n", "not JSON at byte 4"},
      {"cut", R"({"version":"4","alerts":[{"sta)", "not JSON at byte 31"},
      {"two values", R"({"version":"4","alerts":[]}{})", "not JSON at byte 28"},
      {"a list", "[]", "the message: wants an object, got a list"},
      {"a string", "\"4\"", "the message: wants an object, got a string"},
      {"null", "null", "the message: wants an object, got null"},
      {"no version", R"({"alerts":[]})", "no 'version'"},
      {"no alerts", R"({"version":"4"})", "no 'alerts'"},
      {"version 3", R"({"version":"3","alerts":[]})", "version: wants '4', got '3'"},
      {"version as a number", R"({"version":4,"alerts":[]})", "version: wants '4', got a number"},
      {"version as a list", R"({"version":[],"alerts":[]})", "version: wants a string, got a list"},
      {"alerts as an object", R"({"version":"4","alerts":{"a":1}})",
       "alerts: wants a list, got an object"},
      {"alerts as null", R"({"version":"4","alerts":null})", "alerts: wants a list, got null"},
      {"receiver as a number", R"({"receiver":1,"version":"4","alerts":[]})",
       "receiver: wants a string, got a number"},
      {"negative truncation", R"({"truncatedAlerts":-1,"version":"4","alerts":[]})",
       "truncatedAlerts: wants a whole number, got a number"},
      {"version twice", R"({"version":"4","version":"4","alerts":[]})",
       "version: stands there twice"},
      {"alerts twice", R"({"version":"4","alerts":[],"alerts":[]})", "alerts: stands there twice"},
      {"invalid UTF-8", "{\"version\":\"4\",\"alerts\":[],\"x\":\"\xE5\x91\"}",
       "not JSON at byte 35"},
      {"a NUL after the end", std::string("{\"version\":\"4\",\"alerts\":[]}\0x", 29),
       "not JSON at byte 28"},
      {"an escape that forges a line", R"({"version":"\n\u0007\"x","alerts":[]})",
       R"(version: wants '4', got '\x0a\x07"x')"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      const auto message = parse_webhook(c.body);
      REQUIRE_FALSE(message);
      CHECK(message.error().code == Errc::Malformed);
      CHECK(message.error().message == c.why);
    }
}

TEST_CASE("an error quotes only a little of the body") {
  const std::string secret(10'000, 's');
  for (const auto& body : {R"({"version":")" + secret + R"("})", R"({")" + secret + R"(":)",
                           "{\"" + secret + "\":[[[[[[[[[[[[[[[[[[[[["}) {
    const auto message = parse_webhook(body);
    REQUIRE_FALSE(message);
    CHECK(message.error().message.size() < 200);
    CHECK(message.error().message.find(secret.substr(0, 65)) == std::string::npos);
  }
}

TEST_CASE("deep nesting is malformed and not a crash") {
  const auto nested = [](std::size_t levels) {
    return R"({"version":"4","alerts":[],"x":)" + std::string(levels, '[') +
           std::string(levels, ']') + "}";
  };
  CHECK(parse_webhook(nested(15)));
  CHECK_FALSE(parse_webhook(nested(16)));
  const auto message = parse_webhook(nested(100'000));
  REQUIRE_FALSE(message);
  CHECK(message.error().message ==
        "x[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: nested more than 16 levels deep");
}

TEST_CASE("a poisonous alert stays out and the others go on") {
  const std::string labels = R"("labels":{"a":"b"})";
  const std::string print = R"("fingerprint":"5cc0")";
  const auto with = [&](std::string_view fields) { return fmt::format("{{{}}}", fields); };
  const std::string times(kTimes);
  const struct {
    const char* name;
    std::string alert;
    const char* why;
  } cases[] = {
      {"not an object", "7", "alerts[1]: wants an object, got a number"},
      {"a list", "[[1]]", "alerts[1]: wants an object, got a list"},
      {"empty", "{}", "alerts[1]: no 'status'"},
      {"no labels", with(R"("status":"firing",)" + times + "," + print), "alerts[1]: no 'labels'"},
      {"no start",
       with(R"("status":"firing","endsAt":"0001-01-01T00:00:00Z",)" + labels + "," + print),
       "alerts[1]: no 'startsAt'"},
      {"no end",
       with(R"("status":"firing","startsAt":"0001-01-01T00:00:00Z",)" + labels + "," + print),
       "alerts[1]: no 'endsAt'"},
      {"no fingerprint", with(R"("status":"firing",)" + times + "," + labels),
       "alerts[1]: no 'fingerprint'"},
      {"an unknown status", with(R"("status":"pending",)" + times + "," + labels + "," + print),
       "alerts[1].status: wants firing or resolved"},
      {"a status twice",
       with(R"("status":"firing","status":"resolved",)" + times + "," + labels + "," + print),
       "alerts[1].status: stands there twice"},
      {"labels twice",
       with(R"("status":"firing",)" + labels + "," + times + "," + labels + "," + print),
       "alerts[1].labels: stands there twice"},
      {"labels as a list", with(R"("labels":[],"status":"firing",)" + times + "," + print),
       "alerts[1].labels: wants an object of strings, got a list"},
      {"labels as null", with(R"("labels":null,"status":"firing",)" + times + "," + print),
       "alerts[1].labels: wants an object of strings, got null"},
      {"a number as a label", alert_with(R"({"a":1})"),
       "alerts[1].labels.a: wants a string, got a number"},
      {"an object as a label", alert_with(R"({"a":{"b":"c"}})"),
       "alerts[1].labels.a: wants a string, got an object"},
      {"a label twice", alert_with(R"({"a":"1","a":"2"})"),
       "alerts[1].labels.a: stands there twice"},
      {"a broken time", with(R"("startsAt":"yesterday","status":"firing",)" + labels + "," + print),
       "alerts[1].startsAt: wants a time such as 2026-11-23T06:03:57.73Z"},
      {"a time as a number", with(R"("endsAt":5,"status":"firing",)" + labels + "," + print),
       "alerts[1].endsAt: wants a string, got a number"},
      {"a fingerprint of words",
       with(R"("status":"firing",)" + times + "," + labels + R"(,"fingerprint":"xyz")"),
       "alerts[1].fingerprint: wants hex digits"},
      {"an empty fingerprint",
       with(R"("status":"firing",)" + times + "," + labels + R"(,"fingerprint":"")"),
       "alerts[1].fingerprint: wants hex digits"},
      {"a fingerprint as an object",
       with(R"("fingerprint":{"a":1},"status":"firing",)" + times + "," + labels),
       "alerts[1].fingerprint: wants a string, got an object"},
  };
  for (const auto& c : cases) DYNAMIC_SECTION(c.name) {
      CHECK(poison_of(c.alert).why == c.why);
    }
}

TEST_CASE("the key of a poisonous alert is told when it could be read") {
  const auto poison = poison_of(alert_with(R"({"a":1})"));
  REQUIRE(poison.key);
  CHECK(*poison.key ==
        core::AlertKey{"alertmanager", "5cc0", parse_rfc3339("2026-11-23T06:03:57.73Z").value()});
  CHECK_FALSE(poison_of("{}").key);
  CHECK_FALSE(poison_of(R"({"startsAt":"2026-11-23T06:03:57Z","fingerprint":"no"})").key);
}

TEST_CASE("labels are held to their bounds") {
  const auto of_size = [](std::size_t bytes) {
    return alert_with(R"({"a":")" + std::string(bytes, 'x') + R"("})");
  };
  const auto of_count = [](int count) {
    std::string labels;
    for (int i = 0; i < count; ++i) labels += fmt::format(R"({}"l{}":"v")", i == 0 ? "" : ",", i);
    return alert_with("{" + labels + "}");
  };
  CHECK(parsed(around(of_size(4096))).alerts.size() == 1);
  CHECK(poison_of(of_size(4097)).why == "alerts[1].labels.a: longer than 4096 bytes");
  CHECK(poison_of(of_size(1 << 20)).why == "alerts[1].labels.a: longer than 4096 bytes");
  CHECK(poison_of(alert_with(R"({")" + std::string(4097, 'n') + R"(":""})"))
            .why.ends_with("longer than 4096 bytes"));
  CHECK(parsed(around(of_count(64))).alerts.size() == 1);
  CHECK(poison_of(of_count(65)).why == "alerts[1].labels.l64: more than 64 labels");
}

TEST_CASE("annotations are cut and never poison an alert") {
  const std::string summary = "告" + std::string(5'000, 'x');
  std::string many;
  for (int i = 0; i < 100; ++i) many += fmt::format(R"(,"a{}":"v")", i);
  const auto message = parsed(
      around(R"({"status":"firing","labels":{"a":"b"},"annotations":{"summary":")" + summary +
             R"(")" + many + "}," + std::string(kTimes) + R"(,"fingerprint":"5cc0"})"));
  REQUIRE(message.alerts.size() == 1);
  CHECK(message.alerts[0].annotations.at("summary") == summary.substr(0, 4096));
  CHECK(message.alerts[0].annotations.size() == 64);
}

TEST_CASE("strings may hold anything that JSON can write") {
  const auto message =
      parsed(around(alert_with(R"({"a":"nul\u0000\n\"\u544a\ud83d\ude00","":"empty"})")));
  CHECK(message.alerts.at(0).labels.at("a") == std::string("nul\0\n\"", 6) + "告😀");
  CHECK(message.alerts.at(0).labels.at("") == "empty");
}

TEST_CASE("alerts beyond the bound count as truncated") {
  std::string alerts = alert_with(R"({"a":"b"})");
  for (std::size_t i = 1; i < kMostAlerts + 3; ++i) alerts += i % 2 == 0 ? ",{}" : ",1";
  const auto message = parsed(around(alerts));
  CHECK(message.alerts.size() == 1);
  CHECK(message.poison.size() == kMostAlerts - 1);
  CHECK(message.truncated == 3);
}

}  // namespace
}  // namespace fieldmedic
