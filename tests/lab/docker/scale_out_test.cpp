// scale_out by clones on a real Docker Engine.
#include "remediator/actions/scale_out.hpp"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "remediator/reach/docker_engine.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/docker_host.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/real_engine.hpp"

namespace fieldmedic {
namespace {

using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

constexpr const char* kTwo = "orders-fieldmedic-2";
constexpr const char* kPolite =
    "trap 'exit 0' TERM; echo hello of $A; while :; do busybox sleep 0.1; done";

struct Lab {
  DockerHost docker;
  CurlHttpClient http;
  FakeRunner runner;
  FakeSystemd systemd;
  std::shared_ptr<ContainerEngine> engine =
      make_docker_engine({.socket = docker.socket()}, http, system_clock());
  std::vector<std::string> left;

  ~Lab() { docker.docker({"rm", "-f", kTwo}); }

  std::unique_ptr<Action> action() {
    ActionTools tools{runner, system_clock(), inventory_of({}), {"/proc", "/sys", "/"}, systemd};
    tools.containers = engine;
    return make_scale_out(R"({"unit":"","container":"orders","max":3,"step":1})", tools).value();
  }
  Applied apply(const core::Plan& plan, std::size_t step) {
    const auto answer = action()->apply({own_attempt(), kOrders, plan, step, 60s}, {});
    INFO(answer.evidence);
    return answer.outcome;
  }
  Confirmed confirm(const core::Plan& plan, std::size_t step) {
    const auto answer = action()->confirm({own_attempt(), kOrders, plan, step, 60s}, {});
    if (!answer.left.empty()) left.push_back(answer.left);
    return answer.answer;
  }
  void carry_out(const core::Plan& plan) {
    for (std::size_t step = 0; step < plan.steps.size(); ++step) {
      INFO(plan.steps[step].name);
      REQUIRE(confirm(plan, step) == Confirmed::NotApplied);
      REQUIRE(apply(plan, step) == Applied::Done);
      REQUIRE(eventually([&] { return confirm(plan, step) == Confirmed::Applied; }));
    }
  }
  core::Plan scaled_out() {
    const auto made = action()->plan({kOrders, {}, {}}, {});
    REQUIRE(made.has_value());
    carry_out(*made);
    return *made;
  }
  Result<core::Plan> undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, own_attempt(), made, left}, {});
  }
};

}  // namespace

TEST_CASE("docker: a container is cloned once, the clone runs, and is taken back") {
  const auto made = docker_lab<Lab>();
  if (!made) return;
  Lab& l = *made;
  REQUIRE(l.docker.run_container("orders", kPolite,
                                 {"--env", "A=orders", "--label", "team=data", "--hostname", "own",
                                  "--label", "com.docker.compose.project=x"}));
  const auto plan = l.scaled_out();
  const auto clone = l.engine->inspect(kTwo, {}).value();
  const auto source = l.engine->inspect("orders", {}).value();
  CHECK(clone.running);
  CHECK(clone.clone_of == source.id);
  CHECK(clone.clone_made_by == own_attempt());
  CHECK(clone.image == source.image);
  const auto config = nlohmann::json::parse(clone.inspect).at("Config");
  CHECK(config.at("Labels").at("team") == "data");
  CHECK_FALSE(config.at("Labels").contains("com.docker.compose.project"));
  CHECK(config.at("Hostname") != "own");
  CHECK(eventually(
      [&] { return l.engine->logs(clone, 10, {}).value_or("").contains("hello of orders"); }));

  // After a crash: looked up, and neither made nor started again.
  for (const std::size_t step : {0U, 1U}) {
    CHECK(l.confirm(plan, step) == Confirmed::Applied);
    CHECK(l.apply(plan, step) == Applied::WorldDiffers);
  }
  CHECK(l.action()->plan({kOrders, {}, {plan}}, {}).error().code == Errc::Conflict);

  const auto undo = l.undo(plan);
  REQUIRE(undo.has_value());
  REQUIRE(undo->steps.size() == 2);
  l.carry_out(*undo);
  CHECK(l.engine->inspect(kTwo, {}).error().code == Errc::NotFound);
  CHECK(l.engine->inspect("orders", {}).value().started_at == source.started_at);
  CHECK(l.undo(plan)->steps.empty());

  // What a person starts anew is theirs.
  const auto again = l.scaled_out();
  REQUIRE(l.docker.docker({"restart", "-t", "1", kTwo}));
  CHECK_THAT(l.undo(again).error().message, Catch::Contains("started anew by somebody"));
  REQUIRE(l.docker.docker({"pause", kTwo}));
  CHECK_THAT(l.undo(again).error().message, Catch::Contains("paused by somebody"));
  REQUIRE(l.docker.docker({"rm", "-f", kTwo}));
  CHECK(l.undo(again)->steps.empty());
}

TEST_CASE("docker: the engine's own restart of a clone leaves it ours, and a port leaves none") {
  const auto made = docker_lab<Lab>();
  if (!made) return;
  Lab& l = *made;
  REQUIRE(l.docker.run_container("orders", kPolite, {"--restart", "always"}));
  const auto plan = l.scaled_out();
  const auto before = l.engine->inspect(kTwo, {}).value();
  // As the kernel would for want of memory: whoever asks the engine to kill it means it to end.
  const auto pid = nlohmann::json::parse(before.inspect).at("State").at("Pid").get<pid_t>();
  REQUIRE(kill(pid, SIGKILL) == 0);
  REQUIRE(eventually([&] {
    const auto now = l.engine->inspect(kTwo, {});
    return now && now->running && now->started_at != before.started_at;
  }));
  const auto undo = l.undo(plan);
  REQUIRE(undo.has_value());
  l.carry_out(*undo);
  CHECK(l.engine->inspect(kTwo, {}).error().code == Errc::NotFound);

  REQUIRE(l.docker.docker(
      {"create", "--name", "web", "--network=none", "-p", "8080:80", "busybox:1", "/bin/sh"}));
  ActionTools tools{l.runner, system_clock(), inventory_of({}), {"/proc", "/sys", "/"}, l.systemd};
  tools.containers = l.engine;
  const auto web =
      make_scale_out(R"({"unit":"","container":"web","max":3,"step":1})", tools).value();
  CHECK_THAT(web->plan({kOrders, {}, {}}, {}).error().message, Catch::Contains("8080"));
  l.docker.docker({"rm", "-f", "web"});
}

}  // namespace fieldmedic
