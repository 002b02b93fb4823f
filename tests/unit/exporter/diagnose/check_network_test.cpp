#include "tests/catch.hpp"
#include "tests/fakes/findings.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

namespace {

const std::string kUrl = "http://127.0.0.1:8080/health";

CollectorConfig with_health() {
  CollectorConfig config;
  config.health.push_back({.url = kUrl, .interval = 10s, .timeout = 5s});
  return config;
}

FakeModules probed(double age, std::optional<double> up, const std::string& reason = {}) {
  FakeModules fake;
  fake.add("health", "collector_health_timestamp_seconds", kFindingsAt - age, {"url", kUrl});
  if (up) fake.add("health", "collector_health_up", *up, {"url", kUrl});
  if (!reason.empty()) fake.remark("health", reason, "collector_health_up", kUrl);
  return fake;
}

}  // namespace

TEST_CASE("D2: ports") {
  CollectorConfig config;
  config.ports = {"127.0.0.1:5514", "127.0.0.1:5515"};
  FakeModules fake;
  fake.add("port", "collector_port_listening", 1, {"address", "127.0.0.1:5514"});
  fake.add("port", "collector_port_listening", 0, {"address", "127.0.0.1:5515"});
  const auto check = check_network(findings_of(config, fake));
  CHECK(check.verdict() == Verdict::Suspect);
  CHECK(lines_of(check) ==
        Lines{"ok: 127.0.0.1:5514: somebody listens", "suspect: 127.0.0.1:5515: nobody listens"});

  const auto lost =
      check_network(findings_of(config, FakeModules().lose("port", Errc::Io, "no netlink")));
  CHECK(lost.verdict() == Verdict::Unknown);
  CHECK(lines_of(lost).front() == "unknown: 127.0.0.1:5514: cannot be told: no netlink");
}

TEST_CASE("D2: health URLs") {
  struct Case {
    const char* name;
    FakeModules fake;
    Verdict verdict;
    std::string line;
  };
  const Case cases[] = {
      {"well", probed(4, 1), Verdict::Ok, "ok: " + kUrl + ": answers well (asked 4 s ago)"},
      {"sick", probed(4, 0, kUrl + ": answered 503"), Verdict::Suspect,
       "suspect: " + kUrl + ": answered 503 (asked 4 s ago)"},
      {"our own trouble", probed(4, std::nullopt, kUrl + ": no route"), Verdict::Unknown,
       "unknown: cannot be told: " + kUrl + ": no route (asked 4 s ago)"},
      {"two turns ago is news", probed(30, 1), Verdict::Ok,
       "ok: " + kUrl + ": answers well (asked 30 s ago)"},
      {"longer ago is none, also when it was well", probed(31, 1), Verdict::Unknown,
       "unknown: " + kUrl + ": its probe hangs; last asked 31 s ago"},
      {"longer ago is none, also when it was sick", probed(31, 0, "x"), Verdict::Unknown,
       "unknown: " + kUrl + ": its probe hangs; last asked 31 s ago"},
      {"not asked yet", FakeModules().add("health", "other", 1), Verdict::Unknown,
       "unknown: " + kUrl + ": not asked yet"},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const auto check = check_network(findings_of(with_health(), c.fake));
      CHECK(check.verdict() == c.verdict);
      CHECK(lines_of(check) == Lines{c.line});
    }
  }
}

TEST_CASE("D2: peers") {
  CollectorConfig config;
  config.peers.push_back({.address = "10.0.0.5:9092"});
  FakeModules fake;
  fake.add("health", "collector_peer_timestamp_seconds", kFindingsAt - 2,
           {"peer", "10.0.0.5:9092"});
  fake.add("health", "collector_peer_up", 0, {"peer", "10.0.0.5:9092"});
  fake.remark("health", "tcp://10.0.0.5:9092: refused", "collector_peer_up", "10.0.0.5:9092");
  const auto check = check_network(findings_of(config, fake));
  CHECK(lines_of(check) == Lines{"suspect: tcp://10.0.0.5:9092: refused (asked 2 s ago)"});
}

TEST_CASE("D2: links are told and judge nothing") {
  FakeModules fake;
  fake.host("link", "link_up", 0, {"link", "telecom"});
  fake.host("link", "link_up", 1, {"link", "unicom"});
  fake.host("link", "link_default_route", 1, {"link", "unicom"});
  const auto check = check_network(findings_of({}, fake));
  CHECK(check.verdict() == Verdict::Unknown);
  CHECK(lines_of(check) == Lines{"unknown: neither ports, health nor peers are configured",
                                 "-: link telecom: down", "-: link unicom: up, the way out"});
}
