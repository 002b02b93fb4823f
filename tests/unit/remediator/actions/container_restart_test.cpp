#include "remediator/actions/container_restart.hpp"

#include <fstream>
#include <iterator>

#include "tests/catch.hpp"
#include "tests/fakes/fake_containers.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

struct Lab {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  TempTree host{{{"self/cgroup", "0::/system.slice/fieldmedic-remediator.service\n"}}};
  std::shared_ptr<FakeContainers> engine = std::make_shared<FakeContainers>();
  std::string arguments = R"({"container":"","grace_ms":-1,"log_lines":100})";
  std::chrono::milliseconds timeout{60'000};
  std::stop_source stop;

  std::unique_ptr<Action> action() {
    CollectorSpec collector;
    collector.container = "orders";
    ActionTools tools{runner, clock, inventory_of(collector), {host.root, "/sys", "/"}, systemd};
    tools.containers = engine;
    tools.evidence = host.root / "containers";
    return make_container_restart(arguments, tools).value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  ApplyAnswer apply(const core::Plan& plan, std::size_t step) {
    return action()->apply({"test-1-1", kOrders, plan, step, timeout}, stop.get_token());
  }
  ConfirmAnswer confirm(const core::Plan& plan, std::size_t step) {
    return action()->confirm({"test-1-1", kOrders, plan, step, {}}, {});
  }
  std::string kept() {
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator(host.root / "containers")) {
      std::ifstream file(entry.path());
      text.append(std::istreambuf_iterator<char>(file), {});
    }
    return text;
  }
};

}  // namespace

TEST_CASE("container_restart keeps the log, then restarts the start that plan saw, once") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 2);
  CHECK(plan->resources ==
        std::vector<std::string>{"host/lab/container/c0ffee", "host/lab/process/orders"});
  CHECK(lab.engine->calls.empty());
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::NotApplied);
  CHECK(lab.apply(*plan, 0).outcome == Applied::Done);
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::Applied);
  CHECK(lab.confirm(*plan, 1).answer == Confirmed::NotApplied);
  CHECK(lab.apply(*plan, 1).outcome == Applied::Done);
  CHECK(lab.confirm(*plan, 1).answer == Confirmed::Applied);
  CHECK(lab.engine->calls == std::vector<std::string>{"logs c0ffee 100", "restart c0ffee 10"});

  // After a crash the same step comes again: the world is not as plan saw it any more.
  CHECK(lab.apply(*plan, 1).outcome == Applied::WorldDiffers);
  CHECK(lab.engine->calls.size() == 2);
}

TEST_CASE("container_restart keeps no secret of the container's environment") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(lab.apply(*plan, 0).outcome == Applied::Done);
  const auto text = lab.kept();
  CHECK(text.contains("attempt test-1-1"));
  CHECK(text.contains("TOKEN=…"));
  CHECK(text.contains("line\n"));
  CHECK_FALSE(text.contains("s3cret"));
}

TEST_CASE(
    "container_restart goes on without a log that cannot be read, not without a place for it") {
  Lab lab;
  lab.engine->log = fail(Errc::Io, "configured logging driver does not support reading");
  const auto plan = lab.plan();
  CHECK(lab.apply(*plan, 0).outcome == Applied::Done);
  CHECK(lab.kept().contains("does not support reading"));

  Lab full;
  full.host.write("containers", "a file where the folder should be");
  const auto refused = full.apply(*full.plan(), 0);
  CHECK(refused.outcome == Applied::Refused);
  CHECK(refused.evidence.contains("log_lines: 0"));
}

TEST_CASE("container_restart without log lines has one step") {
  Lab lab;
  lab.arguments = R"({"container":"orders","grace_ms":1500,"log_lines":0})";
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 1);
  CHECK(lab.apply(*plan, 0).outcome == Applied::Done);
  CHECK(lab.engine->calls == std::vector<std::string>{"restart c0ffee 2"});
}

TEST_CASE("container_restart follows the container of the plan, not its name") {
  Lab lab;
  const auto plan = lab.plan();
  lab.engine->state.id = "another";
  CHECK(lab.apply(*plan, 1).outcome == Applied::Refused);
  const auto gone = lab.confirm(*plan, 1);
  CHECK(gone.answer == Confirmed::NotApplied);
  CHECK(gone.evidence == "container orders is gone");
  CHECK(lab.engine->calls.empty());
}

TEST_CASE("container_restart plans only what it may touch") {
  struct Case {
    const char* name;
    void (*change)(Lab&);
    Errc code;
  };
  const auto& one = GENERATE(
      Case{"owned", [](Lab& lab) { lab.engine->state.owner = "the systemd unit x"; },
           Errc::Conflict},
      Case{"removing", [](Lab& lab) { lab.engine->state.status = "removing"; }, Errc::Conflict},
      Case{"our own", [](Lab& lab) { lab.host.write("self/cgroup", "0::/docker/c0ffee\n"); },
           Errc::Conflict},
      Case{
          "our own, seen by a mount",
          [](Lab& lab) { lab.host.write("self/mountinfo", "1 2 8:1 /docker/c0ffee/hostname /\n"); },
          Errc::Conflict},
      Case{"not there", [](Lab& lab) { lab.engine->state.name = "other"; }, Errc::NotFound},
      Case{"not reached",
           [](Lab& lab) { lab.engine->unreachable = Error{Errc::Unavailable, "no socket"}; },
           Errc::Unavailable});
  INFO(one.name);
  Lab lab;
  one.change(lab);
  const auto plan = lab.plan();
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == one.code);
}

TEST_CASE("container_restart: a container whose mounts the host has is not the remediator's own") {
  Lab lab;
  lab.host.write("self/mountinfo",
                 "1 2 0:41 / /var/lib/containers/storage/overlay-containers/c0ffee/userdata/shm "
                 "rw - tmpfs shm rw\n");
  CHECK(lab.plan().has_value());
}

TEST_CASE("container_restart confirms by the start, the health and what the engine was told") {
  struct Case {
    const char* name;
    void (*change)(Lab&);
    Confirmed answer;
  };
  const auto& one = GENERATE(
      Case{"started anew", [](Lab& lab) { lab.engine->on_restart(); }, Confirmed::Applied},
      Case{"its health is not known yet",
           [](Lab& lab) {
             lab.engine->on_restart();
             lab.engine->state.health = "starting";
           },
           Confirmed::InProgress},
      Case{"unhealthy",
           [](Lab& lab) {
             lab.engine->on_restart();
             lab.engine->state.health = "unhealthy";
           },
           Confirmed::NotApplied},
      Case{"ended again",
           [](Lab& lab) {
             lab.engine->on_restart();
             lab.engine->state.running = false;
             lab.engine->state.status = "exited";
           },
           Confirmed::NotApplied},
      Case{"its policy starts it", [](Lab& lab) { lab.engine->state.status = "restarting"; },
           Confirmed::InProgress},
      Case{"told to end a moment ago",
           [](Lab& lab) { lab.engine->stopped = std::optional(lab.clock.wall()); },
           Confirmed::InProgress},
      Case{"told to end long ago",
           [](Lab& lab) {
             lab.engine->stopped = std::optional(lab.clock.wall());
             lab.clock.advance(41s);
           },
           Confirmed::NotApplied},
      Case{"the engine does not remember",
           [](Lab& lab) { lab.engine->stopped = fail(Errc::Unavailable, "forgotten"); },
           Confirmed::Unknown},
      Case{"not reached",
           [](Lab& lab) { lab.engine->unreachable = Error{Errc::Unavailable, "no socket"}; },
           Confirmed::Unknown});
  INFO(one.name);
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  one.change(lab);
  CHECK(lab.confirm(*plan, 1).answer == one.answer);
}

TEST_CASE("container_restart tells a refusal from an outcome that is not known") {
  struct Case {
    Errc code;
    Applied outcome;
  };
  const auto& one =
      GENERATE(Case{Errc::Denied, Applied::Refused}, Case{Errc::NotFound, Applied::Refused},
               Case{Errc::Unavailable, Applied::Refused}, Case{Errc::Timeout, Applied::Unknown},
               Case{Errc::Io, Applied::Unknown}, Case{Errc::Cancelled, Applied::Unknown});
  Lab lab;
  const auto plan = lab.plan();
  lab.engine->restarted = fail(one.code, "as told");
  lab.engine->stopped = std::optional(lab.clock.wall());  // nothing to wait for
  CHECK(lab.apply(*plan, 1).outcome == one.outcome);
}

TEST_CASE("container_restart: an order whose answer was lost is waited for where it shows") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  lab.engine->restarted = fail(Errc::Timeout, "slow");
  int looks = 0;
  lab.engine->on_inspect = [&] {
    const bool ordered = !lab.engine->calls.empty();
    if (ordered && ++looks == 3) lab.engine->stopped = std::optional(lab.clock.wall());
  };
  CHECK(lab.apply(*plan, 1).outcome == Applied::Unknown);
  CHECK(lab.confirm(*plan, 1).answer == Confirmed::InProgress);
}

TEST_CASE("container_restart changes nothing once it was cancelled") {
  Lab lab;
  const auto plan = lab.plan();
  lab.engine->on_inspect = [&] { lab.stop.request_stop(); };
  CHECK(lab.apply(*plan, 0).outcome == Applied::Refused);
  CHECK(lab.apply(*plan, 1).outcome == Applied::Refused);
  CHECK(lab.engine->calls.empty());
  CHECK_FALSE(std::filesystem::exists(lab.host.root / "containers"));
}

TEST_CASE("container_restart gives the restart what is left of its time") {
  Lab lab;
  const auto plan = lab.plan();
  lab.engine->on_inspect = [&] { lab.clock.advance(15s); };
  CHECK(lab.apply(*plan, 1).outcome == Applied::Done);
  CHECK(lab.engine->restart_timeout == 45s);
}

TEST_CASE("container_restart keeps the newest fifty logs") {
  Lab lab;
  for (int i = 0; i < 60; ++i) {
    const auto plan = lab.plan();
    REQUIRE(lab.apply(*plan, 0).outcome == Applied::Done);
    lab.clock.advance(1s);
  }
  const std::filesystem::directory_iterator files(lab.host.root / "containers");
  CHECK(std::distance(files, std::filesystem::directory_iterator()) == 50);
}

}  // namespace fieldmedic
