#include "remediator/reconcile.hpp"

#include <fmt/format.h>

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"

namespace fieldmedic {
namespace {

RemediatorConfig two_alertmanagers() {
  RemediatorConfig config;
  config.alertmanager.servers = ServerPool({{.url = "http://a:9093"}, {.url = "http://b:9093"}});
  config.alertmanager.receiver = "fieldmedic";
  return config;
}

std::string alert(std::string_view fingerprint) {
  return fmt::format(
      R"({{"fingerprint":"{}","startsAt":"2026-11-27T12:00:00Z","endsAt":"2026-11-27T13:00:00Z",)"
      R"("updatedAt":"2026-11-27T12:00:00Z","receivers":[{{"name":"fieldmedic"}}],)"
      R"("status":{{"state":"active","silencedBy":[],"inhibitedBy":[]}},)"
      R"("labels":{{"alertname":"CollectorDown"}},"annotations":{{}}}})",
      fingerprint);
}

std::vector<std::string> fingerprints(const Result<std::vector<core::AlertKey>>& keys) {
  REQUIRE(keys);
  std::vector<std::string> found;
  for (const core::AlertKey& key : *keys) found.push_back(key.fingerprint);
  return found;
}

TEST_CASE("several Alertmanagers: an alert exists when any of them has it") {
  const std::string one = "aaaaaaaaaaaaaaaa";
  const std::string two = "bbbbbbbbbbbbbbbb";
  const RemediatorConfig config = two_alertmanagers();
  FakeHttp http;
  http.answer(200, "[" + alert(one) + "]");
  http.answer(200, "[" + alert(one) + "," + alert(two) + "]");
  CHECK(fingerprints(ask_existing_alerts(config, http, {})) == std::vector{one, two});

  http.answer(200, "[]");
  http.answer(200, "[]");
  CHECK(fingerprints(ask_existing_alerts(config, http, {})).empty());
}

TEST_CASE("several Alertmanagers: while one does not answer, no alert is known to be gone") {
  const RemediatorConfig config = two_alertmanagers();
  for (const char* others : {"[]", "ours"}) {
    FakeHttp http;
    http.answer(200, std::string_view(others) == "ours" ? "[" + alert("aaaaaaaaaaaaaaaa") + "]"
                                                        : std::string(others));
    http.answer(fail(Errc::Unavailable, "refused"));
    const auto asked = ask_existing_alerts(config, http, {});
    REQUIRE_FALSE(asked);
    CHECK(asked.error().message == "1 of 2 addresses of Alertmanager answer: refused");
  }
}

TEST_CASE("several Alertmanagers: lost alerts are taken of those that answer") {
  FakeHttp http;
  http.answer(fail(Errc::Unavailable, "refused"));
  http.answer(200, "[" + alert("aaaaaaaaaaaaaaaa") + "]");
  const auto asked = ask_alertmanager(two_alertmanagers(), http, {});
  REQUIRE(asked);
  CHECK(asked->alerts.size() == 1);
  CHECK(asked->missing == "1 of 2 addresses of Alertmanager answer: refused");
  http.answer(200, "[]");
  http.answer(200, "[]");
  CHECK(ask_alertmanager(two_alertmanagers(), http, {})->missing.empty());
}

TEST_CASE("several Alertmanagers: when none answers nothing is known of any alert") {
  const RemediatorConfig config = two_alertmanagers();
  for (const char* body : {"", "{}", "[{]"}) {
    FakeHttp http;
    http.answer(500, "[]");
    http.answer(200, body);
    CHECK_FALSE(ask_existing_alerts(config, http, {}));
  }
  FakeHttp http;
  CHECK_FALSE(ask_existing_alerts(RemediatorConfig{}, http, {}));
}

}  // namespace
}  // namespace fieldmedic
