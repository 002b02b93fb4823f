// What a configuration says of who may do what, when and how much at once.
#include <string>
#include <utility>

#include "remediator/config.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/remediator_config.hpp"

namespace fieldmedic {

using namespace std::chrono_literals;

TEST_CASE("remediator config: who hears of the remediator's own troubles") {
  constexpr std::string_view kReceivers = R"(authentication: none
receivers:
  - {name: first, channels: [{wecom_robot: {key_file: /proc/sys/kernel/random/boot_id}}]}
  - {name: boss, channels: [{wecom_robot: {key_file: /proc/sys/kernel/random/boot_id}}]}
)";
  const ReadConfig by_default{kReceivers};
  REQUIRE(by_default.config);
  CHECK(policy_of(*by_default.config).self_receivers == std::vector<std::string>{"first"});
  CHECK(policy_of(*by_default.config).watchdog_within == 5min);
  const ReadConfig named(std::string(kReceivers) + "self_alerts: [boss]\nwatchdog: {within: 0s}\n");
  REQUIRE(named.config);
  CHECK(policy_of(*named.config).self_receivers == std::vector<std::string>{"boss"});
  CHECK(policy_of(*named.config).watchdog_within == 0s);
}

TEST_CASE("remediator config: brakes, roles and approvals are read") {
  const TempTree tree{
      {{"web.yml", std::string(kUsers) +
                       "  alertmanager: "
                       "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"}}};
  const auto file = tree.write("remediator.yml", R"(web_config_file: web.yml
kill_switch: true
correlation_window: 45s
windows:
  - {name: release, scopes: [all, host/lab], days: [mon, sun], from: "18:30", to: "02:00"}
  - {name: move, scopes: [group/g], begin: "1970-01-01T00:00:01Z", end: "1970-01-01T00:00:02Z"}
roles: {medic: operator, alertmanager: sender}
protected_hosts: [lab]
groups:
  - name: g
    hosts: [{name: lab, reach: local}]
    collectors: [{name: orders, process: {executable: /o}, unit: orders.service}]
guards:
  min_healthy: 60%
  max_unhealthy: 3
  breaker: {targets: 2, fleet_targets: 7, within: 2h}
playbooks:
  - name: a
    match: [alertname="A"]
    target: {collector: orders, host: "{{ labels.host }}"}
    may_touch: [lab]
    tiers:
      - name: restart
        action: {systemd_restart: {}}
        approval: {from: admin, expires: 20m, otherwise: next_tier}
      - {name: again, action: {systemd_restart: {}}, approval: {}, when: check.process == fail}
      - {name: unasked, action: {systemd_restart: {}}}
    verify: {checks: [{process: {}}]}
)");
  FakeHttp http;
  ManualClock clock;
  ConfigErrors errors;
  const auto config = read_remediator_config(file, {http, clock}, errors);
  INFO(errors.text());
  REQUIRE(config);
  CHECK(config->role_of("medic") == core::Role::Operator);
  CHECK(config->role_of("alertmanager") == core::Role::Sender);
  CHECK(config->role_of("eve") == core::Role::Viewer);
  const core::Policy policy = policy_of(*config);
  CHECK(policy.kill_switch);
  CHECK(policy.correlation_window == 45s);
  CHECK(policy.windows ==
        std::vector<core::Window>{
            {"release", {"all", "host/lab"}, core::Weekly{0b1000001, 18h + 30min, 2h}},
            {"move", {"group/g"}, core::Once{core::Time{1s}, core::Time{2s}}}});
  CHECK(policy.protected_hosts.contains("lab"));
  CHECK(policy.playbooks.at("a").may_touch == decltype(policy.protected_hosts){"lab"});
  CHECK(policy.guards.min_healthy == core::Share{core::Share::Kind::Percent, 60});
  CHECK(policy.guards.max_unhealthy == core::Share{core::Share::Kind::Count, 3});
  CHECK(policy.guards.breaker == core::Breaker{2, 7, 2h});
  const auto& tiers = config->playbooks.at(0).playbook->tiers;
  CHECK(tiers.at(0).approval == core::Approval{core::Role::Admin, 20min, core::AtExpiry::NextTier});
  CHECK(tiers.at(1).approval ==
        core::Approval{core::Role::Operator, 15min, core::AtExpiry::HandOver});
  CHECK_FALSE(tiers.at(2).approval);
  CHECK(tiers.at(1).when == "check.process == fail");
  CHECK(tiers.at(2).when.empty());
}

TEST_CASE("remediator config: scopes and dependencies become the policy's") {
  const ReadConfig read(R"(authentication: none
prometheus: {url: "http://127.0.0.1:9090"}
groups:
  - name: g
    hosts: [{name: h1, reach: local}]
    collectors:
      - {name: broker}
      - {name: orders, depends_on: [broker, "gateway@h1"]}
      - {name: gateway, depends_on: [broker]}
    scope:
      playbook: whole
      cluster: {share: 30%, within: 2m}
      cascade: {}
  - {name: alone, scope: {}}
  - {name: plain}
playbooks:
  - name: whole
    match: ['alertname="GroupDown"']
    target: {group: "{{ labels.group }}"}
    verify: {checks: [{promql: {query: 'sum(collector_up{group="{{ target.group }}"})', is: "> 3"}}]}
)");
  INFO(read.errors.text());
  REQUIRE(read.config);
  CHECK(read.config->playbooks.at(0).playbook->tiers.empty());
  const core::Policy policy = policy_of(*read.config);
  CHECK(policy.targets.contains("group/g"));
  REQUIRE(policy.scopes.size() == 2);
  const core::GroupScope& scope = policy.scopes.at("g");
  CHECK(scope.cluster == core::ClusterRule{{core::Share::Kind::Percent, 30}, 2min});
  CHECK(scope.cascade == core::CascadeRule{3, 15min, 15s});
  CHECK(scope.playbook == read.config->playbooks.at(0).playbook);
  CHECK_FALSE(policy.scopes.at("alone").cluster);
  using Names = std::vector<std::string>;
  CHECK(policy.upstream.at("collector/orders@h1") ==
        Names{"collector/broker@h1", "collector/gateway@h1"});
  CHECK(policy.downstream.at("collector/broker@h1") ==
        Names{"collector/gateway@h1", "collector/orders@h1"});
}

TEST_CASE("remediator config: without roles every user is an admin") {
  const ReadConfig read("authentication: none\n");
  REQUIRE(read.config);
  CHECK(read.config->role_of("medic") == core::Role::Admin);
  CHECK(read.config->role_of("") == core::Role::Admin);
}

TEST_CASE("remediator config: a dry run takes every playbook with it") {
  std::string text = "authentication: none\ndry_run: true\n";
  text += R"(playbooks:
  - name: a
    match: ['a=b']
    target: {host: x}
    mode: act
    tiers: [{name: restart, action: {systemd_restart: {}}}]
    verify: {checks: [{process: {}}]}
)";
  const ReadConfig read(text);
  REQUIRE(read.config);
  CHECK(read.config->playbooks.at(0).playbook->mode == core::Mode::DryRun);
}

TEST_CASE("remediator config: caps are counts from 1 or shares from 1% to 100%") {
  struct Case {
    const char* text;
    std::optional<core::Share> want;
  };
  const Case cases[] = {
      {"1", core::Share{core::Share::Kind::Count, 1}},
      {"1000000", core::Share{core::Share::Kind::Count, 1'000'000}},
      {"1%", core::Share{core::Share::Kind::Percent, 1}},
      {"100%", core::Share{core::Share::Kind::Percent, 100}},
      {"0", std::nullopt},
      {"1000001", std::nullopt},
      {"0%", std::nullopt},
      {"101%", std::nullopt},
      {"-1", std::nullopt},
      {"10.5%", std::nullopt},
      {"%", std::nullopt},
      {"ten", std::nullopt},
  };
  for (const Case& c : cases) DYNAMIC_SECTION("cap " << c.text) {
      const ReadConfig read(
          "authentication: none\nguards: {in_flight: {group: " + std::string(c.text) + "}}\n");
      REQUIRE((read.config != nullptr) == c.want.has_value());
      if (c.want) CHECK(read.config->guards.in_flight_group == *c.want);
    }
}

}  // namespace fieldmedic
