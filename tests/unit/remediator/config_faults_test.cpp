// Configurations with faults, and the one that is shipped and has none.
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "common/process_runner.hpp"
#include "remediator/config.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/bad_configs.hpp"
#include "tests/fakes/remediator_config.hpp"

namespace fieldmedic {

namespace {

const std::filesystem::path kSource = FIELDMEDIC_SOURCE_DIR;

}  // namespace

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

  // R1, R6, R2 to R5, M1 to M4.
  const std::vector<std::pair<std::string, std::string>> first_remedies{
      {"collector-down", "process_restart"},
      {"managed-collector-down", "systemd_restart"},
      {"container-down", "container_restart"},
      {"host-cut-off", "host_reboot"},
      {"leader-down", "failover"},
      {"storage-down", "systemd_restart"},
      {"overload", "exec"},
      {"success-low", "scale_out"},
      {"lossy-link", "link_switch"},
      {"slow-disk", "data_divert"}};
  std::vector<std::pair<std::string, std::string>> read;
  for (const PlaybookConfig& each : config->playbooks)
    read.emplace_back(each.playbook->name, each.playbook->tiers.at(0).action.type);
  CHECK(read == first_remedies);
}

}  // namespace fieldmedic
