#include "remediator/exporter_evidence.hpp"

#include "common/utf8.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"

using namespace fieldmedic;

namespace {

constexpr const char* kDiagnosis = R"({"collector": "orders", "verdict": "suspect", "checks": [
  {"id": "D1", "name": "process", "verdict": "suspect", "evidence": [
    {"verdict": "suspect", "text": "no process lives", "source": "module process"},
    {"verdict": "ok", "text": "nothing is left", "source": "module process"},
    {"text": "3 restarts", "source": "module process"}]},
  {"id": "D3", "name": "resources", "verdict": "ok", "evidence": [
    {"verdict": "ok", "text": "host CPU 3.0 % busy", "source": "/proc/stat"}]},
  {"id": "D4", "name": "log", "verdict": "unknown", "evidence": [
    {"verdict": "unknown", "text": "cannot be read: /x: hangs", "source": "/x"}]}],
 "beside": [{"name": "config", "verdict": "ok", "evidence": []}]})";

ServerAccess exporter() {
  ServerAccess access;
  access.url = "http://10.0.0.11:9987/";
  access.bearer_token = Secret("s3cret");
  return access;
}

}  // namespace

TEST_CASE("exporter evidence: verdicts, and what is suspect or unknown") {
  CHECK(summary_of(kDiagnosis) ==
        "D1 process suspect (no process lives), D3 resources ok, "
        "D4 log unknown (cannot be read: /x: hangs), config ok");
}

TEST_CASE("exporter evidence: what is no diagnosis is an error") {
  for (const char* body : {"", "[]", "{}", "null", "{\"checks\": 1, \"beside\": []}",
                           "{\"checks\": [{\"name\": 1}], \"beside\": []}",
                           "{\"checks\": [{\"name\": \"x\", \"verdict\": \"ok\"}], \"beside\": []}",
                           "<html>", "\xff"}) {
    CAPTURE(body);
    const auto summary = summary_of(body);
    REQUIRE_FALSE(summary);
    CHECK(summary.error().code == Errc::Malformed);
  }
}

TEST_CASE("exporter evidence: a hostile exporter is cut, and says no secret") {
  std::string lines;
  for (int i = 0; i < 500; ++i)
    lines += std::string(i == 0 ? "" : ",") +
             R"({"verdict": "suspect", "text": "password=hunter2 )" + std::string(300, 'x') +
             R"(\u001b[2J", "source": ""})";
  std::string checks;
  for (int i = 0; i < 100; ++i)
    checks += std::string(i == 0 ? "" : ",") +
              R"({"id": "D1", "name": "log", "verdict": "suspect", "evidence": [)" + lines + "]}";
  const auto summary = summary_of("{\"checks\": [" + checks + "], \"beside\": []}");
  REQUIRE(summary);
  CHECK(summary->size() <= 2048);
  CHECK(summary->find("hunter2") == std::string::npos);
  CHECK(summary->find('\x1b') == std::string::npos);
  CHECK(summary->ends_with("…"));
}

TEST_CASE("exporter evidence: asked with its credentials, for a quick answer") {
  FakeHttp http;
  http.answer(200, kDiagnosis);
  REQUIRE(ask_exporter(exporter(), http, "orders", {}));
  const auto sent = http.sent();
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].url == "http://10.0.0.11:9987/diagnose?collector=orders&format=json");
  CHECK(sent[0].bearer_token->reveal() == "s3cret");
  CHECK(sent[0].timeout == std::chrono::seconds(3));
  REQUIRE(sent[0].headers.size() == 1);
  CHECK(sent[0].headers[0].first == "X-Prometheus-Scrape-Timeout-Seconds");
  CHECK(sent[0].headers[0].second == "2");
}

TEST_CASE("exporter evidence: what did not come is told") {
  FakeHttp http;
  http.answer(200, kDiagnosis);
  http.answer(404, "no collector 'orders'");
  http.answer(fail(Errc::Timeout, "http://10.0.0.11:9987/diagnose: no answer in time"));
  http.answer(200, "<html>");
  const auto told = [&] { return evidence_about("orders", exporter(), http, {}); };
  CHECK(told().starts_with("its exporter says: D1 process suspect"));
  CHECK(told() == "its exporter says nothing: the exporter answers 404");
  CHECK(told() == "its exporter says nothing: http://10.0.0.11:9987/diagnose: no answer in time");
  CHECK(told() == "its exporter says nothing: the exporter answers what is no diagnosis");
}
