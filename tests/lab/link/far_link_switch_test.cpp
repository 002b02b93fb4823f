// link_switch on a host over SSH: a real sshd on a host with two real links, asked from behind
// them.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sched.h>

#include "remediator/actions/link_switch.hpp"
#include "remediator/reach/far_dead_man.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/far_link_lab.hpp"

namespace fieldmedic {

namespace {

using Lab = FarLinkLab;
using core::Applied;
using core::Confirmed;

const std::string kByRule = ", by: rule, table: 101";

// What is listened to goes away with the switch.
class ClosingRunner final : public ProcessRunner {
 public:
  ClosingRunner(std::shared_ptr<ProcessRunner> to, std::optional<FileDescriptor>& closed)
      : to_(std::move(to)), closed_(closed) {}
  [[nodiscard]] Result<ProcessResult> run(const Command& command, std::stop_token stop) override {
    auto ran = to_->run(command, std::move(stop));
    if (std::ranges::find(command.argv, "add") != command.argv.end()) closed_.reset();
    return ran;
  }

 private:
  std::shared_ptr<ProcessRunner> to_;
  std::optional<FileDescriptor>& closed_;
};

std::vector<DefaultRoute> routes() {
  return default_routes(kMainTable).value();
}

void prepare_rules() {
  REQUIRE(NetworkLab::run({"ip", "route", "add", "default", "via", "10.79.0.1", "table", "101"}));
  REQUIRE(NetworkLab::run(
      {"ip", "rule", "add", "pref", "100", "lookup", "main", "suppress_prefixlength", "0"}));
}

void there_and_back(Lab& lab, const std::string& more) {
  const auto before = routes();
  const auto rules_before = policy_rules().value();
  const auto made = lab.plan(more);
  CHECK(made.summary.contains("now default via 10.78.0.1 dev telecom metric 100"));
  CHECK(lab.settled(made, more, own_attempt(9)).answer == Confirmed::NotApplied);
  const auto applied = lab.apply(made, more);
  INFO(applied.evidence);
  REQUIRE(applied.outcome == Applied::Done);
  const auto carrying = routes().front().way.interface;
  CHECK((carrying == "unicom" || policy_rules().value() != rules_before));
  CHECK(lab.apply(made, more).outcome == Applied::WorldDiffers);
  lab.lose_remediator();
  const auto confirmed = lab.settled(made, more);
  INFO(confirmed.evidence);
  CHECK(confirmed.answer == Confirmed::Applied);

  const auto undo = lab.undo(made);
  REQUIRE(undo);
  REQUIRE(undo->steps.size() == 1);
  const auto back = lab.apply(*undo, more, own_attempt(2));
  INFO(back.evidence);
  CHECK(back.outcome == Applied::Done);
  CHECK(lab.settled(*undo, more, own_attempt(2)).answer == Confirmed::Applied);
  CHECK(routes() == before);
  CHECK(policy_rules().value() == rules_before);
  CHECK(lab.undo(made).value().steps.empty());
}

}  // namespace

TEST_CASE("link_switch over SSH: by the other link, and back to exactly what was there") {
  Lab lab;
  if (lab.up) there_and_back(lab, ", by: metric");
}

TEST_CASE("link_switch over SSH: in the place of a route with all that ip(8) can say again") {
  Lab lab;
  if (!lab.up) return;
  REQUIRE(
      NetworkLab::run({"ip", "route", "replace", "default", "via", "10.78.0.1", "dev", "telecom",
                       "onlink", "proto", "77", "src", "10.78.0.2", "metric", "100"}));
  there_and_back(lab, ", by: replace");
}

TEST_CASE("link_switch over SSH: by a policy rule, and without it again") {
  Lab lab;
  if (!lab.up) return;
  prepare_rules();
  there_and_back(lab, kByRule);
}

TEST_CASE("link_switch over SSH as another user does it, by sudo") {
  if (!std::filesystem::exists("/usr/bin/sudo")) {
    std::cout << "SKIP: /usr/bin/sudo is not installed\n";
    return;
  }
  // It asks for the address of the host's name, and nobody answers from within the lab.
  if (unshare(CLONE_NEWUTS) != 0 || sethostname("localhost", 9) != 0) {
    std::cout << "SKIP: a name of its own needs root\n";
    return;
  }
  Lab lab;
  if (!lab.up) return;
  lab.host->access.as_root = AsRoot::BySudo;
  lab.hosts = lab.reached();
  there_and_back(lab, "");
}

TEST_CASE("link_switch over SSH: a remediator that is gone leaves the host its route") {
  for (const std::string& by : {std::string(", by: replace"), kByRule}) {
    INFO(by);
    Lab lab;
    if (!lab.up) return;
    prepare_rules();
    const auto before = routes();
    const auto rules_before = policy_rules().value();
    const auto made = lab.plan(by);
    const auto applied = lab.apply(made, by + ", dead_man: 20s");
    INFO(applied.evidence);
    CHECK(applied.outcome != Applied::Refused);
    lab.lose_remediator();
    CHECK(eventually([&] { return routes() == before && policy_rules().value() == rules_before; }));
    const auto told = lab.settled(made, by);
    INFO(told.evidence);
    CHECK(told.answer == Confirmed::NotApplied);
    CHECK(told.evidence.contains("its dead man over there put it back"));
  }
}

TEST_CASE("link_switch over SSH: a switch that cuts us off is put back by the host itself") {
  Lab lab;
  if (!lab.up) return;
  const auto before = routes();
  const auto made = lab.plan();
  lab.filter_by_way_back("1");
  const auto applied = lab.apply(made, ", dead_man: 20s");
  INFO(applied.evidence);
  CHECK(applied.outcome == Applied::Unknown);
  CHECK(eventually([&] { return routes() == before; }));
  const auto told = lab.settled(made);
  INFO(told.evidence);
  CHECK(told.answer == Confirmed::NotApplied);
  CHECK(told.evidence.contains("its dead man over there put it back"));
}

TEST_CASE("link_switch over SSH: what must answer does not, before or after") {
  Lab lab;
  if (!lab.up) return;
  const auto before = routes();
  const auto nobody = lab.plan(", keeps: ['10.9.0.1:8081']");
  const auto refused = lab.apply(nobody, ", keeps: ['10.9.0.1:8081']");
  CHECK(refused.outcome == Applied::Refused);
  CHECK(refused.evidence.starts_with("before the switch"));
  CHECK(refused.evidence.contains("Connection refused"));
  CHECK(lab.record_of_dead_man().empty());

  auto hosts = std::make_shared<FarHosts>(*lab.hosts);
  FarHost& far = hosts->at(kOrders.host);
  far.runner = std::make_shared<ClosingRunner>(far.runner, lab.listener);
  lab.hosts = hosts;
  const auto late = lab.apply(lab.plan());
  INFO(late.evidence);
  CHECK(late.outcome == Applied::Refused);
  CHECK(late.evidence.starts_with("after the switch"));
  CHECK(late.evidence.contains("its dead man over there put it back"));
  CHECK(routes() == before);
}

TEST_CASE("link_switch over SSH leaves alone what another changed") {
  Lab lab;
  if (!lab.up) return;
  const auto made = lab.plan(", by: replace");
  REQUIRE(NetworkLab::run({"ip", "route", "add", "default", "via", "10.79.0.1", "metric", "7"}));
  CHECK(lab.apply(made).outcome == Applied::WorldDiffers);
  CHECK(lab.undo(made).error().code == Errc::Conflict);
  REQUIRE(NetworkLab::run({"ip", "route", "del", "default", "metric", "7"}));

  // Neither does the dead man take back what is another's by then.
  const auto applied = lab.apply(made, ", by: replace, dead_man: 10m");
  INFO(applied.evidence);
  REQUIRE(applied.outcome == Applied::Done);
  REQUIRE(NetworkLab::run({"ip", "route", "replace", "default", "via", "10.78.0.1", "dev",
                           "telecom", "metric", "100", "mtu", "1400"}));
  const auto theirs = routes();
  REQUIRE(lab.net.on_far([&] {
    return fire_far_dead_man(*lab.hosts->at(kOrders.host).runner, own_attempt() + ".0", {});
  }));
  CHECK(eventually([&] { return lab.record_of_dead_man().contains("left\n"); }));
  CHECK(routes() == theirs);
}

TEST_CASE("link_switch over SSH changes nothing where no dead man can be kept") {
  Lab lab;
  if (!lab.up) return;
  const auto before = routes();
  const auto made = lab.plan();
  lab.host->tree().write("home/.fieldmedic", "in the way");
  const auto refused = lab.apply(made);
  INFO(refused.evidence);
  CHECK(refused.outcome == Applied::Refused);
  CHECK(refused.evidence.contains("dead man"));
  CHECK(routes() == before);
}

}  // namespace fieldmedic
