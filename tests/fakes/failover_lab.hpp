// A sick host, its spare, and an action failover between them.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "remediator/actions/actions.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

inline constexpr const char* kWhole = R"(
  failover:
    fence:   {exec: {argv: [/bin/fence, "{{ target.host }}"], at_most_once: true}}
    proof:   {exec: {argv: [/bin/is-out, "{{ target.host }}"]}}
    promote: {exec: {argv: [/bin/promote, spare], at_most_once: true}}
    move:    {exec: {argv: [/bin/move, "{{ labels.shard }}"], at_most_once: true}}
    demote:  {exec: {argv: [/bin/demote, spare], at_most_once: true}}
    unfence: {exec: {argv: [/bin/unfence, "{{ target.host }}"], at_most_once: true}}
)";

// What etcd answers of a key that is held.
inline constexpr const char* kHeld =
    R"({"header":{"cluster_id":"1","member_id":"2","raft_term":"3"},"kvs":[{"key":"L2w="}],"count":"1"})";

// The sick one is reached over SSH: nothing of the failover is to be done there.
inline std::shared_ptr<const Inventory> fleet() {
  return std::make_shared<const Inventory>(Inventory{
      {GroupSpec{"local", {HostSpec{"lab", Reach::Ssh}, HostSpec{"spare", Reach::Ssh}}, {}}}});
}

struct FailoverLab {
  FakeRunner here;
  std::shared_ptr<FakeRunner> spare = std::make_shared<FakeRunner>();
  FakeSystemd systemd;
  FakeHttp http;
  ManualClock clock;

  std::unique_ptr<Action> action(const std::string& yaml) {
    ConfigErrors errors;
    const core::Spec spec = read_action(parse_yaml("test.yml", yaml, errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    auto far = std::make_shared<FarHosts>();
    (*far)["spare"] = {{}, spare, std::make_shared<FakeSystemd>()};
    ActionTools tools{here, clock, fleet(), {}, systemd};
    tools.far = far;
    tools.http = &http;
    return make_action(spec, tools).value();
  }
  // While the sick one is in.
  core::Plan plan(Action& action) {
    here.answer(ProcessResult{1, 0, "", ""});
    return planned(action);
  }
  core::Plan plan_by_lease(Action& action) {
    http.answer(200, kHeld);
    return planned(action);
  }
  core::Plan planned(Action& action) {
    auto plan = action.plan({kOrders, {{"shard", "a7"}}}, {});
    INFO((plan ? "" : plan.error().message));
    REQUIRE(plan.has_value());
    planned_ = here.calls().size();
    return *std::move(plan);
  }
  static ApplyAnswer apply(Action& action, const core::Plan& plan, std::size_t step,
                           std::chrono::milliseconds timeout = std::chrono::milliseconds(200)) {
    return action.apply({"test-1-1", kOrders, plan, step, timeout}, {});
  }
  // Since the plan.
  std::vector<Command> calls() const {
    auto all = here.calls();
    all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(planned_));
    return all;
  }
  std::vector<std::string> ran() const {
    std::vector<std::string> programs;
    for (const Command& command : calls()) programs.push_back(command.argv.front());
    return programs;
  }

 private:
  std::size_t planned_ = 0;
};

inline ProcessResult exited(int code) {
  return {code, 0, "", ""};
}

}  // namespace fieldmedic
