// Checks and actions that take from the collector what no collector has.
#include <fmt/core.h>

#include "tests/catch.hpp"
#include "tests/fakes/remediator_config.hpp"

namespace fieldmedic {
namespace {

constexpr std::string_view kOne = "collectors: [{name: orders, ports: ['127.0.0.1:1']}]";
constexpr std::string_view kTwo =
    "collectors: [{name: bare}, {name: whole, process: {executable: /w}, start: [/w], "
    "unit: w.service, container: w, ports: ['127.0.0.1:1'], health: ['http://127.0.0.1/']}]";
constexpr std::string_view kByLabel = "collector: '{{ labels.collector }}', host: lab";

std::string faults(std::string_view collectors, std::string_view target, std::string_view action,
                   std::string_view check) {
  const ReadConfig read(
      fmt::format("authentication: none\n"
                  "groups: [{{name: g, hosts: [{{name: lab, reach: local}}], {}}}]\n"
                  "playbooks:\n  - {{name: p, match: [a=b], target: {{{}}}, tiers: [{{name: t, "
                  "action: {{{}}}}}], verify: {{checks: [{{{}}}]}}}}\n",
                  collectors, target, action, check));
  return read.errors.text();
}

}  // namespace

TEST_CASE("remediator config: what no collector declares is needed by no check or action") {
  const auto with_check = [](std::string_view collectors, std::string_view check) {
    return faults(collectors, kByLabel, "exec: {argv: [/bin/true], at_most_once: true}", check);
  };
  const auto with_action = [](std::string_view collectors, std::string_view action) {
    return faults(collectors, kByLabel, action, "port: {}");
  };
  for (const char* check : {"http", "process"}) DYNAMIC_SECTION(check) {
      const std::string text = fmt::format("{}: {{}}", check);
      CHECK(with_check(kOne, text).find(fmt::format("'{}' can never work", check)) !=
            std::string::npos);
      CHECK(with_check(kTwo, text).empty());
    }
  CHECK(with_check("collectors: [{name: orders, unit: o.service}]", "port: {}")
            .find("'port' can never work: no collector that this playbook can be about has 'ports' "
                  "in 'groups' and 'addresses' is not given here") != std::string::npos);
  for (const char* action : {"process_restart", "systemd_restart", "container_restart"})
    DYNAMIC_SECTION(action) {
      const std::string text = fmt::format("{}: {{}}", action);
      CHECK(with_action(kOne, text).find(fmt::format("'{}' can never work", action)) !=
            std::string::npos);
      CHECK(with_action(kTwo, text).empty());
    }
}

TEST_CASE("remediator config: what a check or action names itself no collector needs to declare") {
  for (const char* action :
       {"systemd_restart: {unit: a.service}", "container_restart: {container: a}"})
    DYNAMIC_SECTION(action) {
      CHECK(faults(kOne, kByLabel, action, "http: {urls: ['http://127.0.0.1/']}").empty());
      CHECK(faults("collectors: []", "host: lab", action, "port: {addresses: ['127.0.0.1:1']}")
                .empty());
    }
  CHECK_FALSE(
      faults(kOne, kByLabel, "systemd_restart: {unit: ''}", "port: {addresses: []}").empty());
}

TEST_CASE("remediator config: only the collectors that a playbook can be about count") {
  CHECK(faults(kTwo, "collector: whole, host: lab", "process_restart: {}", "port: {}").empty());
  CHECK_FALSE(
      faults(kTwo, "collector: bare, host: lab", "process_restart: {}", "port: {}").empty());
  CHECK_FALSE(faults(kTwo, "host: lab", "process_restart: {}", "port: {}").empty());
}

TEST_CASE(
    "remediator config: without an inventory, or with a faulty target, nothing more is said") {
  const std::string playbook =
      "playbooks: [{name: p, match: [a=b], target: {host: lab}, tiers: [{name: t, action: "
      "{process_restart: {}}}], verify: {checks: [{port: {}}]}}]\n";
  CHECK(ReadConfig("authentication: none\n" + playbook).errors.empty());
  CHECK(faults(kTwo, "collector: '{{ labels', host: lab", "process_restart: {}", "port: {}")
            .find("never work") == std::string::npos);
}

}  // namespace fieldmedic
