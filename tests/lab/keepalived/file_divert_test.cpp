// The priority of a real keepalived, moved by a file, between two hosts of this process alone.
#include <signal.h>

#include <filesystem>
#include <iostream>

#include <fmt/core.h>

#include "common/process_runner.hpp"
#include "remediator/actions/actions.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/network_lab.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using std::chrono::seconds;
namespace fs = std::filesystem;

constexpr const char* kKeepalived = "/usr/sbin/keepalived";
constexpr const char* kAddress = "10.78.0.100";

constexpr const char* kConfiguration = R"(global_defs {{ 
  vrrp_version 3
}}
vrrp_instance collect {{
  state BACKUP
  interface {1}
  virtual_router_id 7
  include {0}/{1}.priority
  advert_int 0.5
  virtual_ipaddress {{
    10.78.0.100/24
  }}
}}
)";

bool installed() {
  if (fs::exists(kKeepalived)) return true;
  std::cout << "SKIP: " << kKeepalived << " is not installed\n";
  return false;
}

bool holds_address() {
  LocalProcessRunner runner;
  const auto shown = runner.run(
      {.argv = {"/sbin/ip", "-o", "addr", "show", "dev", "telecom"}, .environment = {}}, {});
  return shown && shown->out.find(kAddress) != std::string::npos;
}

// Ended by SIGTERM, so that it takes its child and its address along.
class Keepalived {
 public:
  Keepalived(const TempTree& tree, const std::string& interface, int priority)
      : priority_(tree.write(interface + ".priority", fmt::format("priority {}\n", priority))),
        program_({kKeepalived, "-n", "-l", "-f",
                  tree.write(interface + ".conf", fmt::format(fmt::runtime(kConfiguration),
                                                              tree.root.string(), interface))
                      .string(),
                  "-p", (tree.root / (interface + ".pid")).string(), "-r",
                  (tree.root / (interface + ".vrrp")).string()}) {}
  ~Keepalived() {
    kill(program_.pid, SIGTERM);
    (void)program_.exit_code();
  }
  Keepalived(const Keepalived&) = delete;
  Keepalived& operator=(const Keepalived&) = delete;
  [[nodiscard]] pid_t pid() const { return program_.pid; }

 private:
  fs::path priority_;
  ChildProgram program_;
};

}  // namespace

TEST_CASE("file_divert: keepalived gives its address to the other host, and takes it back") {
  const NetworkLab net;
  if (!net.ready() || !installed()) return;
  const TempTree tree{{{"spare.priority", "priority 50\n"},
                       {"holds",
                        "#!/bin/sh\n"
                        "held=no; ip -o addr show dev telecom | grep -q 10.78.0.100 && held=yes\n"
                        "[ $held != \"$FIELDMEDIC_DIVERTED\" ]\n"}}};
  fs::permissions(tree.root / "holds", fs::perms::owner_all);
  const Keepalived near(tree, "telecom", 150);
  const auto far = net.on_far([&] { return std::make_unique<Keepalived>(tree, "far0", 100); });
  REQUIRE(eventually(holds_address));

  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  ConfigErrors errors;
  const auto spec = read_action(parse_yaml(
      "test.yml",
      fmt::format("{{data_divert: {{file: {0}/telecom.priority, to: {0}/spare.priority, reload: "
                  "[/bin/kill, -HUP, '{1}'], confirm: [{0}/holds]}}}}",
                  tree.root.string(), near.pid()),
      errors));
  INFO(errors.text());
  REQUIRE(errors.empty());
  const auto action = make_action(spec, {runner, clock, inventory_of({}), {}, systemd}).value();
  const auto carry_out = [&](const core::Plan& plan) {
    for (std::size_t step = 0; step < plan.steps.size(); ++step) {
      const auto answer = action->apply({own_attempt(), kOrders, plan, step, seconds(60)}, {});
      INFO(answer.evidence);
      REQUIRE(answer.outcome == Applied::Done);
      CHECK(eventually([&] {
        return action->confirm({own_attempt(), kOrders, plan, step, seconds(60)}, {}).answer ==
               core::Confirmed::Applied;
      }));
    }
  };
  const auto plan = action->plan({kOrders, {}}, {});
  REQUIRE(plan);
  CHECK(plan->steps.back().confirmable == core::Confirmable::Yes);
  carry_out(*plan);
  CHECK(eventually([] { return !holds_address(); }));
  CHECK(eventually([&] { return net.run_far({"ip", "route", "get", "10.78.0.100"}); }));
  const auto undo = action->plan_undo({kOrders, {}, own_attempt(), *plan}, {});
  REQUIRE(undo);
  carry_out(*undo);
  CHECK(eventually(holds_address));
}

}  // namespace fieldmedic
