#include "remediator/config.hpp"

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "common/process_runner.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/bad_configs.hpp"
#include "tests/fakes/remediator_config.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

const std::filesystem::path kSource = FIELDMEDIC_SOURCE_DIR;

constexpr std::string_view kWhole = R"(
listen: 127.0.0.1:1
web_config_file: web.yml
journal: {sqlite: {path: journal.db}}
prometheus: {url: "http://127.0.0.1:9090/", username: medic, password_file: secret}
alertmanager: {urls: ["https://am-a:9093", "https://am-b:9093/"], receiver: fieldmedic}
container_engine: {socket: /run/podman/podman.sock, evidence: kept}
groups:
  - name: local
    hosts: [{name: lab, reach: local, exporter: {url: "https://lab:9987", bearer_file: secret}}]
    collectors:
      - name: orders
        process: {pid_file: /run/orders.pid, executable: /usr/sbin/rsyslogd, command_line: 'orders'}
        start: [/usr/sbin/rsyslogd, -n]
        working_directory: /srv
        environment: ["A=b=c", "B="]
        stop_timeout: 3s
        unit: orders@1.service
        container: orders-1
        ports: ["127.0.0.1:5514"]
        health: ["http://127.0.0.1:8080/health"]
  - name: other
    hosts: []
    collectors: [{name: orders}]
playbooks:
  - name: collector-down
    match: ['alertname="CollectorDown"', 'severity=~"critical|warning"']
    target: {collector: "{{ labels.collector }}", host: "{{ labels.host }}"}
    mode: dry_run
    tiers:
      - {name: restart the process, action: {process_restart: {}}, timeout: 40s}
      - {name: restart the unit, action: {systemd_restart: {}}}
    verify:
      within: 3m
      hold: 11s
      interval: 2s
      checks:
        - process: {}
        - {port: {}, hold: 0s}
    limits: {attempts: 2, per: 2h, cooldown: 1m, patience: 10m}
    relapse: {within: 20m, per_day: 1}
    notify: [oncall]
  - name: host-down
    match: ['alertname="HostDown"']
    target: {host: "{{ labels.host }}"}
    tiers: [{name: restart, action: {systemd_restart: {unit: network.service}}}]
    verify: {checks: [{port: {addresses: ["127.0.0.1:22"]}}]}
guards: {in_flight: {host: 2, group: 25%, fleet: 7}}
watchdog: {within: 4m}
receivers:
  - {name: oncall, send: first, channels: [{wecom_robot: {key_file: /proc/sys/kernel/random/boot_id}}]}
)";

constexpr std::string_view kUsers =
    "basic_auth_users:\n  medic: $2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";

}  // namespace

TEST_CASE("remediator config: the least file there is answers the defaults") {
  const ReadConfig read("authentication: none\n");
  CHECK(read.errors.text().empty());
  REQUIRE(read.config);
  CHECK(read.config->listen == "127.0.0.1:9988");
  CHECK(read.config->journal.keep == std::chrono::days(365));
  CHECK(read.config->journal.path == "/var/lib/fieldmedic/journal.db");
  CHECK_FALSE(read.config->web.requires_user());
  CHECK(read.config->prometheus.empty());
  CHECK(read.config->alertmanager.servers.empty());
  REQUIRE(read.config->inventory);
  CHECK(read.config->inventory->groups.empty());
  CHECK(read.config->guards == core::GuardLimits{});
}

TEST_CASE("remediator config: without users it is refused unless that is asked for by name") {
  struct Case {
    const char* name;
    const char* config;
    const char* web;
    const char* want;
  };
  const Case cases[] = {
      {"nothing said", "listen: 127.0.0.1:1\n", nullptr,
       "1:1: wants 'web_config_file' with users in it ('authentication: none' lets everybody in)"},
      {"a web configuration without users", "web_config_file: web.yml\n", "{}",
       "1:18: 'web_config_file' names no users ('authentication: none' lets everybody in)"},
      {"open, and the web configuration has users",
       "web_config_file: web.yml\nauthentication: none\n", kUsers.data(),
       "2:17: 'authentication' is none, but web_config_file names users"},
      {"open by name", "authentication: none\n", nullptr, nullptr},
      {"open by name with a web configuration, for TLS",
       "web_config_file: web.yml\nauthentication: none\n", "{}", nullptr},
      {"users", "web_config_file: web.yml\n", kUsers.data(), nullptr},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      const TempTree tree;
      const auto file = tree.write("remediator.yml", c.config);
      if (c.web != nullptr) tree.write("web.yml", c.web);
      FakeHttp http;
      ManualClock clock;
      ConfigErrors errors;
      const auto config = read_remediator_config(file, {http, clock}, errors);
      CHECK((config != nullptr) == (c.want == nullptr));
      CHECK(errors.text() == (c.want == nullptr ? "" : file.string() + ":" + c.want));
    }
}

TEST_CASE("remediator config: every field is read") {
  const TempTree tree{{{"web.yml", std::string(kUsers)}, {"secret", "geheim\n"}, {"ca.pem", ""}}};
  const auto file = tree.write("remediator.yml", kWhole);
  FakeHttp http;
  ManualClock clock;
  ConfigErrors errors;
  const auto config = read_remediator_config(file, {http, clock}, errors);
  CHECK(errors.text().empty());
  REQUIRE(config);

  CHECK(config->listen == "127.0.0.1:1");
  CHECK(config->web.requires_user());
  CHECK(config->journal.path == tree.root / "journal.db");
  REQUIRE(config->prometheus.servers().size() == 1);
  const ServerAccess& prometheus = config->prometheus.servers().front();
  CHECK(prometheus.url == "http://127.0.0.1:9090");
  REQUIRE(prometheus.basic_auth);
  CHECK(prometheus.basic_auth->username == "medic");
  CHECK(prometheus.basic_auth->password.reveal() == "geheim");
  CHECK_FALSE(prometheus.bearer_token);
  REQUIRE(config->alertmanager.servers.servers().size() == 2);
  for (const ServerAccess& member : config->alertmanager.servers.servers()) {
    CHECK((member.url == "https://am-a:9093" || member.url == "https://am-b:9093"));
    CHECK_FALSE(member.basic_auth);
  }
  CHECK(config->alertmanager.receiver == "fieldmedic");
  CHECK(config->guards == core::GuardLimits{{core::Share::Kind::Count, 2},
                                            {core::Share::Kind::Percent, 25},
                                            {core::Share::Kind::Count, 7},
                                            {},
                                            {},
                                            {}});

  REQUIRE(config->receivers.size() == 1);
  CHECK(config->receivers[0].name == "oncall");
  CHECK(config->receivers[0].send == core::ReceiverPolicy::Send::First);
  REQUIRE(config->receivers[0].channels.size() == 1);
  CHECK(config->receivers[0].channels[0].type == "wecom_robot");
  CHECK(config->receivers[0].channels[0].notifier);
}

TEST_CASE("remediator config: the fleet is read into the inventory") {
  const TempTree tree{{{"web.yml", std::string(kUsers)}, {"secret", "geheim\n"}, {"ca.pem", ""}}};
  FakeHttp http;
  ManualClock clock;
  ConfigErrors errors;
  const auto config =
      read_remediator_config(tree.write("remediator.yml", kWhole), {http, clock}, errors);
  REQUIRE(config);
  REQUIRE(config->inventory->groups.size() == 2);
  const GroupSpec& group = config->inventory->groups[0];
  CHECK(group.name == "local");
  CHECK(group.hosts.at(0).name == "lab");
  CHECK(group.hosts.at(0).exporter.url == "https://lab:9987");
  REQUIRE(group.hosts.at(0).exporter.bearer_token);
  CHECK(group.hosts.at(0).exporter.bearer_token->reveal() == "geheim");
  const CollectorSpec* orders =
      config->inventory->collector({core::TargetKind::Collector, "orders", "lab", "local"});
  REQUIRE(orders != nullptr);
  CHECK(orders->process == ProcessPattern{"/run/orders.pid", "/usr/sbin/rsyslogd", "orders"});
  CHECK(orders->start == std::vector<std::string>{"/usr/sbin/rsyslogd", "-n"});
  CHECK(orders->working_directory == "/srv");
  CHECK(orders->environment == std::vector<std::string>{"A=b=c", "B="});
  CHECK(orders->stop_timeout == 3s);
  CHECK(orders->unit == "orders@1.service");
  CHECK(orders->container == "orders-1");
  CHECK(config->container_engine.access.socket == "/run/podman/podman.sock");
  CHECK(config->container_engine.evidence == tree.root / "kept");
  CHECK(orders->ports == std::vector<std::string>{"127.0.0.1:5514"});
  CHECK(orders->health == std::vector<std::string>{"http://127.0.0.1:8080/health"});

  const core::Policy policy = policy_of(*config);
  CHECK(policy.group_sizes == decltype(policy.group_sizes){{"local", 1}, {"other", 0}});
  CHECK(policy.fleet_size == 1);
  CHECK(policy.self_receivers == std::vector<std::string>{"oncall"});
  CHECK(policy.watchdog_within == 4min);
  CHECK(policy.receivers.at("oncall").channels == 1);
  CHECK(policy.receivers.at("oncall").send == core::ReceiverPolicy::Send::First);
  CHECK(policy.alertmanager_known);
  CHECK(policy.guards == config->guards);
}

TEST_CASE("remediator config: playbooks are read with their defaults") {
  const TempTree tree{{{"web.yml", std::string(kUsers)}, {"secret", "geheim\n"}, {"ca.pem", ""}}};
  FakeHttp http;
  ManualClock clock;
  ConfigErrors errors;
  const auto config =
      read_remediator_config(tree.write("remediator.yml", kWhole), {http, clock}, errors);
  REQUIRE(config);
  REQUIRE(config->playbooks.size() == 2);
  const PlaybookConfig& down = config->playbooks[0];
  CHECK(down.match.size() == 2);
  REQUIRE(down.target.collector);
  CHECK(down.target.collector->names() == std::vector<std::string>{"labels.collector"});
  CHECK(down.target.host.names() == std::vector<std::string>{"labels.host"});
  const core::Playbook& playbook = *down.playbook;
  CHECK(playbook.name == "collector-down");
  CHECK(playbook.mode == core::Mode::DryRun);
  REQUIRE(playbook.tiers.size() == 2);
  CHECK(playbook.tiers[0].name == "restart the process");
  CHECK(playbook.tiers[0].action.type == "process_restart");
  CHECK(playbook.tiers[0].timeout == 40s);
  CHECK(playbook.tiers[1].timeout == 30s);
  CHECK(playbook.verify.within == 3min);
  CHECK(playbook.verify.interval == 2s);
  REQUIRE(playbook.verify.checks.size() == 2);
  CHECK(playbook.verify.checks[0].check.type == "process");
  CHECK(playbook.verify.checks[0].hold == 11s);
  CHECK(playbook.verify.checks[1].hold == 0s);
  CHECK(playbook.limits == core::Limits{2, 2h, 1min, 10min});
  CHECK(playbook.relapse == core::Relapse{20min, 1});
  CHECK(playbook.receivers == std::vector<std::string>{"oncall"});

  const PlaybookConfig& host = config->playbooks[1];
  CHECK_FALSE(host.target.collector);
  CHECK(host.playbook->mode == core::Mode::Act);
  CHECK(host.playbook->limits == core::Limits{});
  CHECK(host.playbook->relapse == core::Relapse{});
  CHECK(host.playbook->verify.within == 2min);
  CHECK(host.playbook->verify.checks.at(0).hold == 10s);
}

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

TEST_CASE("remediator config: waits are longer than nothing and at most a day") {
  struct Case {
    const char* verify;
    bool want;
  };
  const Case cases[] = {
      {"within: 24h", true}, {"within: 24h1ms", false}, {"within: 0s", false},
      {"within: 1ms", true}, {"hold: 24h", true},       {"hold: 1d1s", false},
      {"hold: 0s", false},   {"interval: 99ms", false}, {"interval: 100ms", true},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.verify) {
      const ReadConfig read(
          "authentication: none\nplaybooks:\n- name: a\n  match: ['a=b']\n  target: {host: x}\n"
          "  tiers: [{name: r, action: {systemd_restart: {}}}]\n  verify: {checks: [{process: "
          "{}}], " +
          std::string(c.verify) + "}\n");
      CHECK((read.config != nullptr) == c.want);
    }
}

TEST_CASE("remediator config: no error shows a secret") {
  const ReadConfig read(R"(
authentication: none
prometheus: {url: "http://medic:geheim@127.0.0.1", password: geheim, username: medic}
alertmanager: "http://medic:geheim@127.0.0.1"
groups: [{name: g, hosts: [], collectors: [{name: c, environment: ["geheim"], health: ["geheim"]}]}]
)");
  CHECK_FALSE(read.config);
  CHECK(read.errors.lines().size() == 6);
  CHECK_THAT(read.errors.text(), !Catch::Contains("geheim"));
}

TEST_CASE("remediator config: each defect is told with its place") {
  FakeHttp http;
  ManualClock clock;
  check_bad_configs(kSource / "tests/fixtures/config/bad/remediator",
                    [&](const std::filesystem::path& file, ConfigErrors& errors) {
                      CHECK(read_remediator_config(file, {http, clock}, errors) == nullptr);
                    });
}

TEST_CASE("remediator config: the shipped ladder is read without an error") {
  TempTree tree{{{"web.yml", std::string(kUsers)},
                 {"wecom.key", "k\n"},
                 {"sms.password", "p\n"},
                 {"known_hosts", ""}}};
  const auto made = LocalProcessRunner().run(
      {.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tree.root / "id_ed25519"},
       .environment = {}},
      {});
  if (!made) {
    std::cout << "SKIP: ssh-keygen is not installed\n";
    return;
  }
  std::string text = read_whole(kSource / "deploy/remediator.yml");
  const std::string folder = "/etc/fieldmedic";
  for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder))
    text.replace(at, folder.size(), tree.root.string());
  const auto file = tree.write("remediator.yml", text);
  FakeHttp http;
  ManualClock clock;
  ConfigErrors errors;
  const auto config = read_remediator_config(file, {http, clock}, errors);
  CHECK(errors.text() == "");
  REQUIRE(config);
  CHECK(config->receivers.at(0).channels.size() == 2);

  // R1 with the ladder R6, R2 to R5, M1 to M4.
  const std::vector<std::pair<std::string, std::string>> first_remedies{
      {"collector-down", "process_restart"}, {"container-down", "container_restart"},
      {"host-cut-off", "host_reboot"},       {"leader-down", "failover"},
      {"storage-down", "systemd_restart"},   {"overload", "exec"},
      {"success-low", "scale_out"},          {"lossy-link", "link_switch"},
      {"slow-disk", "data_divert"}};
  std::vector<std::pair<std::string, std::string>> read;
  for (const PlaybookConfig& each : config->playbooks)
    read.emplace_back(each.playbook->name, each.playbook->tiers.at(0).action.type);
  CHECK(read == first_remedies);
}

}  // namespace fieldmedic
