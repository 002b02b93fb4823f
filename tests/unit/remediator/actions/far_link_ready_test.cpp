#include "remediator/actions/far_link_ready.hpp"

#include <memory>
#include <string>
#include <utility>

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/killed_in_time.hpp"

namespace fieldmedic {

namespace {

const RouteSwitch kPlanned{SwitchBy::Metric, "{}", {"eth1", "10.79.0.1"}, 99, kMainTable};

struct Asked {
  Status ready;
  Command command;
};

Asked ask(AsRoot as_root, std::string out) {
  const auto runner = std::make_shared<FakeRunner>();
  ProcessResult result;
  result.out = std::move(out);
  runner->answer(std::move(result));
  FarHost host;
  host.access.as_root = as_root;
  host.runner = runner;
  auto ready = ready_for_far_switch(host, kPlanned, {});
  return {std::move(ready), runner->calls().at(0)};
}

}  // namespace

TEST_CASE("link_switch over SSH: a host has all that is needed only when it says nothing else") {
  CHECK(ask(AsRoot::Already, "ready\n").ready.has_value());
  const auto without = ask(AsRoot::Already, "there is no ip (iproute2)\nready\n").ready;
  REQUIRE_FALSE(without);
  CHECK(without.error().code == Errc::Invalid);
  CHECK(without.error().message.contains("no ip (iproute2)"));
  for (const char* cut_off : {"", "there is no", "ready"}) {
    INFO(cut_off);
    const auto unknown = ask(AsRoot::Already, cut_off).ready;
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == Errc::Unavailable);
  }
}

TEST_CASE("link_switch over SSH: sudo is asked for both ways, and a look that hangs is ended") {
  const Command command = ask(AsRoot::BySudo, "ready\n").command;
  CHECK(is_killed_in_time(command));
  REQUIRE(command.argv.size() > 2);
  CHECK(command.argv[command.argv.size() - 2].starts_with("/usr/sbin/ip -4 route add default"));
  CHECK(command.argv.back().starts_with("/usr/sbin/ip -4 route del default"));
  CHECK(is_killed_in_time(ask(AsRoot::Already, "ready\n").command));
}

}  // namespace fieldmedic
