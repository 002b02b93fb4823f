#include "remediator/config.hpp"

#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/fakes/remediator_config.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

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

}  // namespace fieldmedic
