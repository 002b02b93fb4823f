// A dead man on a host over SSH, whose process is killed and told to end.
#include "remediator/reach/far_dead_man.hpp"

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/far_link_lab.hpp"

namespace fieldmedic {

namespace {

using Lab = FarLinkLab;
using namespace std::chrono_literals;

}  // namespace

TEST_CASE("a far dead man that was killed is told, and nothing is changed without it") {
  Lab lab;
  if (!lab.up) return;
  auto& runner = *lab.hosts->at(kOrders.host).runner;
  const FarSwitch planned{{}, {"touch", "put back"}, {"echo", "ours  is", "there"}, ""};
  const auto ask = [&](const auto& what) { return lab.net.on_far(what); };
  REQUIRE(ask([&] { return arm_far_dead_man(runner, "a-1-1.0", planned, 600s, {}); }));
  REQUIRE(ask([&] { return arm_far_dead_man(runner, "b-1-1.0", planned, 600s, {}); }));
  const auto record = [&](const std::string& key) {
    std::ifstream stream(lab.host->path(("home/.fieldmedic/dead_men/" + key).c_str()));
    std::string armed;
    std::string boot;
    pid_t pid = 0;
    stream >> armed >> boot >> pid;
    return pid;
  };
  const auto may_change = [&](const char* key) {
    return ask([&] { return runner.run(under_dead_man({"true"}, key), {}); }).value().exit_code;
  };
  CHECK(may_change("a-1-1.0") == 0);
  REQUIRE(record("a-1-1.0") > 1);
  kill(record("a-1-1.0"), SIGKILL);
  CHECK(eventually([&] { return may_change("a-1-1.0") == kNoDeadMan; }));
  CHECK(ask([&] { return ask_far_dead_man(runner, "a-1-1.0", {}); }) ==
        Result<FarDeadMan>(FarDeadMan::Gone));
  CHECK(ask([&] { return stand_far_down(runner, "a-1-1.0", {}); }) ==
        Result<FarDeadMan>(FarDeadMan::Down));
  // Told to end, as by a host that goes down, it does its work first.
  kill(record("b-1-1.0"), SIGTERM);
  CHECK(eventually([&] {
    return ask([&] { return ask_far_dead_man(runner, "b-1-1.0", {}); }) ==
           Result<FarDeadMan>(FarDeadMan::PutBack);
  }));
  CHECK(ask([&] { return stand_far_down(runner, "b-1-1.0", {}); }) ==
        Result<FarDeadMan>(FarDeadMan::PutBack));
  CHECK(std::filesystem::exists(lab.host->path("home/put back")));
  // Stood down before it came: it never does.
  CHECK(ask([&] { return stand_far_down(runner, "c-1-1.0", {}); }) ==
        Result<FarDeadMan>(FarDeadMan::Down));
  CHECK_FALSE(ask([&] { return arm_far_dead_man(runner, "c-1-1.0", planned, 600s, {}); }));
  CHECK(may_change("c-1-1.0") == kNoDeadMan);
}

}  // namespace fieldmedic
