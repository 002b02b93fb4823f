#include "exporter/diagnose/show.hpp"

#include <nlohmann/json.hpp>

#include "common/utf8.hpp"
#include "tests/catch.hpp"

using namespace fieldmedic;
using nlohmann::json;

namespace {

Diagnosis with(std::vector<Evidence> evidence) {
  return {.collector = "orders",
          .host = "sh-01",
          .at = WallTime(std::chrono::seconds(1'000'000)),
          .took = std::chrono::milliseconds(1250),
          .checks = {{.id = "D4", .name = "log", .evidence = std::move(evidence)}}};
}

// The most hostile evidence: everything as long as can be, nothing of it text.
std::vector<Evidence> flood(std::size_t number) {
  std::vector<Evidence> evidence;
  for (std::size_t i = 0; i < number; ++i) {
    const auto verdict = i + 1 == number ? Verdict::Suspect : Verdict::Ok;
    evidence.push_back({.verdict = verdict,
                        .text = std::string(5000, '"'),
                        .source = std::string(5000, '\\'),
                        .excerpt = std::string(5000, '\xff')});
  }
  return evidence;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace

TEST_CASE("diagnosis as JSON: everything has its place") {
  const auto text = to_json(with({{.verdict = Verdict::Suspect,
                                   .text = "1 error stack",
                                   .quantity = Quantity{1, "1"},
                                   .source = "/var/log/orders.log",
                                   .excerpt = "ERROR gone\n\tat a.b"},
                                  {.text = "last written to now", .source = "module log"}}));
  const auto document = json::parse(text);
  CHECK(document["collector"] == "orders");
  CHECK(document["host"] == "sh-01");
  CHECK(document["time"] == "1970-01-12T13:46:40.000Z");
  CHECK(document["took_seconds"] == 1.25);
  CHECK(document["verdict"] == "suspect");
  CHECK(document["beside"] == json::array());
  const auto& check = document["checks"][0];
  CHECK(check["id"] == "D4");
  CHECK(check["name"] == "log");
  CHECK(check["verdict"] == "suspect");
  CHECK_FALSE(check.contains("left_out"));
  CHECK(check["evidence"][0] == json{{"verdict", "suspect"},
                                     {"text", "1 error stack"},
                                     {"value", 1.0},
                                     {"unit", "1"},
                                     {"source", "/var/log/orders.log"},
                                     {"excerpt", "ERROR gone\n at a.b"}});
  CHECK(check["evidence"][1] == json{{"text", "last written to now"}, {"source", "module log"}});
}

TEST_CASE("diagnosis: hostile evidence stays valid, bounded and without what a terminal obeys") {
  auto diagnosis = with(flood(500));
  for (int i = 0; i < 6; ++i) diagnosis.checks.push_back(diagnosis.checks.front());
  for (const auto& page : {to_json(diagnosis), to_text(diagnosis)}) {
    CHECK(page.size() <= kMostDiagnosisBytes);
    CHECK(is_utf8(page));
  }
  const auto document = json::parse(to_json(diagnosis));
  for (const auto& check : document["checks"]) {
    // What is suspect is kept, though it came last.
    CHECK(check["evidence"][0]["verdict"] == "suspect");
    CHECK(check["left_out"] == 500 - check["evidence"].size());
  }
  const auto shell = to_text(with({{.text = "a\x1b[2Jb", .excerpt = "c\x07\nd"}}));
  CHECK(shell.find('\x1b') == std::string::npos);
  CHECK(shell.find('\x07') == std::string::npos);
}

TEST_CASE("diagnosis: what is left out still counts for the verdict") {
  auto evidence = flood(100);
  const auto document = json::parse(to_json(with(std::move(evidence))));
  CHECK(document["checks"][0]["verdict"] == "suspect");
}

TEST_CASE("diagnosis: secrets in log lines, texts and sources are not shown") {
  const auto diagnosis =
      with({{.text = "http://medic:hunter2@10.0.0.1/: refused",
             .source = "/x?token=hunter2",
             .excerpt = "ERROR login password=hunter2\n-----BEGIN PRIVATE KEY-----\nhunter2\n"}});
  CHECK(to_json(diagnosis).find("hunter2") == std::string::npos);
  CHECK(to_text(diagnosis).find("hunter2") == std::string::npos);
}

TEST_CASE("diagnosis as text: somebody at 3 a.m. can read it") {
  auto diagnosis = with({{.verdict = Verdict::Suspect,
                          .text = "1 error stack",
                          .source = "/var/log/orders.log",
                          .excerpt = "ERROR gone\n\tat a.b"},
                         {.text = "last written to now", .source = "module log"}});
  diagnosis.checks.push_back(
      {.id = "D5", .name = "disk", .evidence = {{.verdict = Verdict::Ok, .text = "room"}}});
  CHECK(to_text(diagnosis) ==
        "Collector orders on sh-01: SUSPECT\n"
        "1970-01-12T13:46:40.000Z, looked for 1.2 s\n"
        "\n"
        "D4 log        SUSPECT\n"
        "  !! 1 error stack  [/var/log/orders.log]\n"
        "       | ERROR gone\n"
        "       |  at a.b\n"
        "     last written to now  [module log]\n"
        "\n"
        "D5 disk       ok\n"
        "  ok room  []\n"
        "\n"
        "!! makes a collector sick   ?? cannot be told   without a mark: for you to judge\n");
}
