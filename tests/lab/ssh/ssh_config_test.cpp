// The configuration of hosts over SSH, with real keys.
#include <filesystem>
#include <iostream>

#include <fmt/core.h>

#include "tests/catch.hpp"
#include "tests/fakes/remediator_config.hpp"
#include "tests/fakes/ssh_host.hpp"

namespace fieldmedic {

namespace {

std::string config(const SshHost& host, std::string_view action, std::string_view check) {
  return fmt::format(
      "authentication: none\n"
      "groups:\n"
      "  - name: g\n"
      "    hosts: [{{name: far, reach: {{ssh: {{address: '::1', port: 2222, user: medic, key_file: "
      "{}, "
      "known_hosts_file: {}, connect_timeout: 3s}}}}}}]\n"
      "    collectors: [{{name: orders, process: {{executable: /o}}, start: [/o], unit: o.service, "
      "ports: ['127.0.0.1:1']}}]\n"
      "playbooks:\n"
      "  - {{name: p, match: [a=b], target: {{host: far, collector: orders}}, tiers: [{{name: t, "
      "action: {{{}}}}}], verify: {{checks: [{{{}}}]}}}}\n",
      host.path("id"), host.path("known_hosts"), action, check);
}

constexpr std::string_view kExec = "exec: {argv: [/bin/true], at_most_once: true}";
constexpr std::string_view kHttp = "http: {urls: ['http://10.0.0.11/health']}";

}  // namespace

TEST_CASE("remediator config: a host over SSH") {
  if (!SshHost::why_not().empty()) {
    std::cout << "SKIP: " << SshHost::why_not() << '\n';
    return;
  }
  const SshHost host;
  const ReadConfig read(config(host, kExec, kHttp));
  CHECK(read.errors.text() == "");
  REQUIRE(read.config != nullptr);
  const HostSpec* far = read.config->inventory->host("far");
  REQUIRE(far != nullptr);
  CHECK(far->reach == Reach::Ssh);
  CHECK(far->ssh == SshAccess{.address = "::1",
                              .port = 2222,
                              .user = "medic",
                              .key_file = host.path("id"),
                              .known_hosts_file = host.path("known_hosts"),
                              .connect_timeout = std::chrono::seconds(3)});
  CHECK(far->ssh.name() == "medic@[::1]:2222");

  CHECK(ReadConfig(config(host, "process_restart: {}", "process: {}")).errors.text() == "");
  CHECK(ReadConfig(config(host, "process_restart: {}", "port: {}")).errors.text() == "");
  // What cannot be done there is told when the configuration is read.
  CHECK(ReadConfig(config(host, "haproxy_drain: {socket: /run/h, backend: b, server: s}", kHttp))
            .errors.text()
            .contains("'haproxy_drain' can never work: every host that this playbook can be "
                      "about is reached over SSH"));

  std::filesystem::permissions(host.path("id"), std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  CHECK(ReadConfig(config(host, kExec, kHttp)).errors.text().contains("chmod 600"));
  std::filesystem::permissions(
      host.path("id"), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto locked =
      LocalProcessRunner().run({.argv = {"/usr/bin/ssh-keygen", "-q", "-p", "-N", "secret words",
                                         "-P", "", "-f", host.path("id")},
                                .environment = {}},
                               {});
  REQUIRE(locked);
  const std::string text = ReadConfig(config(host, kExec, kHttp)).errors.text();
  CHECK(text.contains("'key_file'"));
  CHECK(text.contains("with a passphrase"));
}

}  // namespace fieldmedic
