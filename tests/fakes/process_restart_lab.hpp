// What process_restart acts on in its tests: processes of this machine that are told by their
// program.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/process_table.hpp"
#include "remediator/actions/process_restart.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

// A collector that is a copy of sleep under a path of its own, so that nothing else matches.
class ProcessRestartLab {
 public:
  ProcessRestartLab() {
    std::filesystem::copy_file("/bin/sleep", program());
    collector.process.executable = program();
    collector.start = {program(), "300"};
    collector.stop_timeout = std::chrono::milliseconds(60'000);
  }
  ~ProcessRestartLab() {
    for (const ProcessInfo& process : living())
      if (process.parent != getpid()) kill(process.identity.pid, SIGKILL);
  }
  ProcessRestartLab(const ProcessRestartLab&) = delete;
  ProcessRestartLab& operator=(const ProcessRestartLab&) = delete;

  [[nodiscard]] std::string program() const { return (tree.root / "orders").string(); }
  [[nodiscard]] std::vector<ProcessInfo> living() const {
    return ProcessMatcher::compile({"", program(), ""})->find("/proc").value();
  }
  // A new object each time: nothing but the request may carry knowledge from call to call.
  [[nodiscard]] std::unique_ptr<Action> action() {
    const nlohmann::json arguments{{"clear", clear}, {"start_timeout_ms", start_timeout_ms}};
    const ActionTools tools{runner, clock, inventory_of(collector), host, systemd};
    return make_process_restart(arguments.dump(), tools).value();
  }
  [[nodiscard]] Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  [[nodiscard]] ApplyAnswer apply(const core::Plan& plan, std::size_t step,
                                  const std::string& attempt = own_attempt()) {
    return action()->apply({attempt, kOrders, plan, step, timeout}, stop.get_token());
  }
  [[nodiscard]] ConfirmAnswer confirm(const core::Plan& plan, std::size_t step,
                                      const std::string& attempt = own_attempt()) {
    return action()->confirm({attempt, kOrders, plan, step, timeout}, {});
  }

  TempTree tree;
  CollectorSpec collector;
  std::vector<std::string> clear;
  int start_timeout_ms = 60'000;
  std::chrono::milliseconds timeout{120'000};
  std::stop_source stop;
  HostRoot host;
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
};

}  // namespace fieldmedic
