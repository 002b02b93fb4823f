// Recorded decisions judged by other configurations.
#include "tool/replay.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/remediator_config.hpp"
#include "tests/fakes/scenario.hpp"

namespace fieldmedic::tool {
namespace {

using namespace std::chrono_literals;

// As the scenario has it; `more` and the parts of the playbook are what a test changes.
std::string configuration(const std::string& match = R"(alertname="CollectorDown")",
                          const std::string& tier = "action: {process_restart: {}}, timeout: 30s",
                          const std::string& playbook = "", const std::string& more = "") {
  return "authentication: none\n"
         "groups: [{name: g, hosts: [{name: h1, reach: local}], collectors: [{name: orders, "
         "process: "
         "{executable: /usr/bin/orders}, unit: orders.service, start: [/usr/bin/orders]}]}]\n"
         "playbooks:\n  - {name: collector-down, match: ['" +
         match + "'], target: {collector: orders, host: '{{ labels.host }}'}, " + playbook +
         "tiers: [{name: restart, " + tier +
         "}, {name: unit, action: {systemd_restart: {}}, timeout: 60s}], "
         "verify: {within: 2m, hold: 10s, checks: [{process: {}}]}, notify: [oncall]}\n"
         "receivers: [{name: oncall, send: all, channels: [{http: {url: 'http://x/', method: POST, "
         "content_type: text/plain, body: x, success: {json_pointer: /a, equals: b}}}]}]\n" +
         more;
}

std::vector<Difference> differences(const std::vector<core::Event>& events,
                                    const std::string& text) {
  const ReadConfig read(text);
  INFO(read.errors.text());
  REQUIRE(read.config);
  std::vector<Difference> found;
  Replay replay(*read.config, [&](const Difference& each) { found.push_back(each); });
  std::uint64_t sequence = 0;
  for (const core::Event& event : events) replay.visit({++sequence, 1, {}, {}, event});
  CHECK(replay.differing() == found.size());
  CHECK(replay.judged() >= found.size());
  return found;
}

// As read_action writes it.
const std::string kRestart = R"({"clear":[],"start_timeout_ms":10000})";

// One incident that a restart heals, and one a minute later that waits for the cool-down.
std::vector<core::Event> a_day() {
  core::Scenario s;
  s.playbook.tiers[0].action.arguments = kRestart;
  s.act("h1");
  s.hold_and_recover(s.state.last_incident);
  s.wait(60s);
  s.playbook.relapse.within = 0s;
  s.occurrence = s.now;
  s.fire("h1");
  s.fail_checks(s.state.last_incident);
  REQUIRE(s.recorded<core::ApplyIntended>() == 1);
  REQUIRE(s.recorded<core::GuardRefused>() == 1);
  return s.events;
}

TEST_CASE("replay: the same configuration decides the same") {
  CHECK(differences(a_day(), configuration()).empty());
}

TEST_CASE("replay: an alert that comes to nothing is one difference, not more") {
  const auto found = differences(a_day(), configuration(R"(alertname="Other")"));
  REQUIRE(found.size() == 2);
  for (const Difference& each : found) {
    CHECK(each.was == "playbook collector-down for collector/orders@h1");
    CHECK(each.now.starts_with("opens nothing: no playbook matches"));
  }
  CHECK(found.front().incident == 1);
}

TEST_CASE("replay: a remedy that is another one, asks first or is a dry run") {
  const auto other = differences(
      a_day(),
      configuration(R"(alertname="CollectorDown")",
                    "action: {systemd_restart: {}}, timeout: 30s, approval: {from: admin}"));
  REQUIRE(other.size() == 1);
  CHECK(other[0].was == "process_restart " + kRestart);
  CHECK(other[0].now == R"(systemd_restart {"unit":""}, asks the admin first)");

  const auto dry = differences(
      a_day(), configuration(R"(alertname="CollectorDown")",
                             "action: {process_restart: {}}, timeout: 30s", "mode: dry_run, "));
  REQUIRE(dry.size() == 1);
  CHECK(dry[0].now == "process_restart " + kRestart + ", as a dry run");
}

TEST_CASE("replay: a guard that lets go on, and one that holds back") {
  const auto eager =
      differences(a_day(), configuration(R"(alertname="CollectorDown")",
                                         "action: {process_restart: {}}, timeout: 30s",
                                         "limits: {attempts: 3, per: 1h, cooldown: 10s}, "));
  REQUIRE(eager.size() == 1);
  CHECK(eager[0].incident == 2);
  CHECK(eager[0].was == "held back by cooldown");
  CHECK(eager[0].now == "process_restart " + kRestart);

  const auto off = differences(a_day(), configuration(R"(alertname="CollectorDown")",
                                                      "action: {process_restart: {}}, timeout: 30s",
                                                      "", "kill_switch: true\n"));
  REQUIRE(off.size() == 2);
  CHECK(off[0].now == "held back by paused");
  CHECK(off[1].was == "held back by cooldown");
}

TEST_CASE("replay: an alert that nobody served is served now") {
  const std::vector<core::Event> events{
      {core::Time{}, core::Started{1, "journal1", "boot", "test"}},
      {core::Time{}, core::AlertIgnored{{"am", "fp", {}},
                                        core::AlertStatus::Firing,
                                        core::IgnoreReason::NoPlaybook,
                                        "no playbook matches",
                                        {{"alertname", "CollectorDown"}, {"host", "h1"}}}}};
  const auto found = differences(events, configuration());
  REQUIRE(found.size() == 1);
  CHECK(found[0].now == "playbook collector-down for collector/orders@h1");
  CHECK(differences(events, configuration(R"(alertname="Other")")).empty());
}

}  // namespace
}  // namespace fieldmedic::tool
