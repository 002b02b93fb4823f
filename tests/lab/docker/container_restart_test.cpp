// container_restart on a real Docker Engine.
#include "remediator/actions/container_restart.hpp"

#include <fstream>
#include <iterator>
#include <thread>

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

// Ends at once when it is told to.
constexpr const char* kPolite =
    "trap 'exit 0' TERM; echo hello from orders; while :; do busybox sleep 0.1; done";
constexpr const char* kDeaf = "trap '' TERM; echo deaf; while :; do busybox sleep 0.1; done";

struct Lab {
  DockerHost docker;
  CurlHttpClient http;
  FakeRunner runner;
  FakeSystemd systemd;
  std::shared_ptr<ContainerEngine> engine =
      make_docker_engine({.socket = docker.socket()}, http, system_clock());
  std::string arguments = R"({"container":"orders","grace_ms":2000,"log_lines":100})";

  std::unique_ptr<Action> action() {
    ActionTools tools{runner, system_clock(), inventory_of({}), {"/proc", "/sys", "/"}, systemd};
    tools.containers = engine;
    tools.evidence = docker.folder() / "evidence";
    return make_container_restart(arguments, tools).value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  ApplyAnswer apply(const core::Plan& plan, std::size_t step, std::stop_token stop = {},
                    std::chrono::milliseconds timeout = 60s) {
    return action()->apply({own_attempt(), kOrders, plan, step, timeout}, std::move(stop));
  }
  ConfirmAnswer confirm(const core::Plan& plan, std::size_t step) {
    return action()->confirm({own_attempt(), kOrders, plan, step, {}}, {});
  }
  bool confirms(const core::Plan& plan, std::size_t step, Confirmed answer) {
    return eventually([&] { return confirm(plan, step).answer == answer; });
  }
  std::string started_at() { return engine->inspect("orders", {}).value().started_at; }
};

}  // namespace

TEST_CASE("docker: a container is restarted, its log is kept, and nothing is done twice") {
  const auto made = docker_lab<Lab>();
  if (!made) return;
  REQUIRE(made->docker.run_container("orders", kPolite, {"--env", "TOKEN=s3cret"}));
  REQUIRE(eventually([&] {
    const auto seen = made->engine->inspect("orders", {});
    return seen && made->engine->logs(*seen, 10, {}).value_or("").contains("hello from orders");
  }));
  const auto before = made->started_at();
  const auto plan = made->plan();
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 2);

  CHECK(made->confirm(*plan, 0).answer == Confirmed::NotApplied);
  CHECK(made->apply(*plan, 0).outcome == Applied::Done);
  CHECK(made->confirm(*plan, 0).answer == Confirmed::Applied);
  const std::filesystem::directory_iterator files(made->docker.folder() / "evidence");
  std::ifstream file(files->path());
  const std::string kept(std::istreambuf_iterator<char>(file), {});
  CHECK(kept.contains("hello from orders"));
  CHECK_FALSE(kept.contains("s3cret"));

  CHECK(made->confirm(*plan, 1).answer == Confirmed::NotApplied);
  const auto applied = made->apply(*plan, 1);
  INFO(applied.evidence);
  CHECK(applied.outcome == Applied::Done);
  CHECK(made->confirm(*plan, 1).answer == Confirmed::Applied);
  const auto after = made->started_at();
  CHECK(after != before);

  // As after a crash between apply and its record.
  CHECK(made->apply(*plan, 1).outcome == Applied::WorldDiffers);
  CHECK(made->started_at() == after);
}

TEST_CASE("docker: a container that is deaf to its stop signal is killed after its grace") {
  const auto made = docker_lab<Lab>();
  if (!made) return;
  REQUIRE(made->docker.run_container("orders", kDeaf));
  const auto plan = made->plan();
  REQUIRE(plan);
  CHECK(made->apply(*plan, 1).outcome == Applied::Done);
  CHECK(made->confirm(*plan, 1).answer == Confirmed::Applied);
}

TEST_CASE("docker: an answer that was not waited for is found by what the engine was told") {
  const auto made = docker_lab<Lab>();
  if (!made) return;
  REQUIRE(made->docker.run_container("orders", kDeaf));
  made->arguments = R"({"container":"orders","grace_ms":10000,"log_lines":0})";
  const auto before = made->started_at();
  const auto plan = made->plan();
  REQUIRE(plan);
  // Where not even the question before it was answered in time, nothing was told.
  ApplyAnswer applied;
  REQUIRE(eventually([&] {
    applied = made->apply(*plan, 0, {}, 500ms);
    return applied.outcome != Applied::Refused;
  }));
  INFO(applied.evidence);
  CHECK(applied.outcome == Applied::Unknown);
  CHECK(made->confirm(*plan, 0).answer == Confirmed::InProgress);
  // The engine may give the restart up with its client: then it is over, and not as wanted.
  REQUIRE(eventually([&] { return made->confirm(*plan, 0).answer != Confirmed::InProgress; }, 60s));
  CHECK((made->confirm(*plan, 0).answer == Confirmed::Applied) == (made->started_at() != before));
}

TEST_CASE("docker: what was cancelled before its change has changed nothing") {
  const auto made = docker_lab<Lab>();
  if (!made) return;
  REQUIRE(made->docker.run_container("orders", kPolite));
  const auto plan = made->plan();
  REQUIRE(plan);
  const auto before = made->started_at();
  std::stop_source stop;
  stop.request_stop();
  CHECK(made->apply(*plan, 1, stop.get_token()).outcome == Applied::Refused);
  CHECK(made->started_at() == before);
}

TEST_CASE("docker: a container that cannot start any more is not confirmed") {
  const auto made = docker_lab<Lab>();
  if (!made) return;
  REQUIRE(made->docker.run_container(
      "orders", "busybox test ! -e /once || exit 3; echo > /once; " + std::string(kPolite)));
  const auto plan = made->plan();
  REQUIRE(plan);
  (void)made->apply(*plan, 1);
  REQUIRE(made->confirms(*plan, 1, Confirmed::NotApplied));
  CHECK(made->confirm(*plan, 1).evidence.contains("exit code 3"));
}

TEST_CASE("docker: a name that means another container by now is not followed") {
  const auto made = docker_lab<Lab>();
  if (!made) return;
  REQUIRE(made->docker.run_container("orders", kPolite));
  const auto plan = made->plan();
  REQUIRE(plan);
  REQUIRE(made->docker.docker({"rm", "-f", "orders"}));
  REQUIRE(made->docker.run_container("orders", kPolite));
  const auto before = made->started_at();
  CHECK(made->apply(*plan, 1).outcome == Applied::Refused);
  CHECK(made->confirm(*plan, 1).answer == Confirmed::NotApplied);
  CHECK(made->started_at() == before);
}

TEST_CASE("docker: without its engine nothing is planned, and nothing is known") {
  const auto made = docker_lab<Lab>();
  if (!made) return;
  REQUIRE(made->docker.run_container("orders", kPolite));
  const auto plan = made->plan();
  REQUIRE(plan);
  made->docker.stop(SIGTERM);
  const auto none = made->plan();
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::Unavailable);
  CHECK(made->apply(*plan, 1).outcome == Applied::Refused);
  CHECK(made->confirm(*plan, 1).answer == Confirmed::Unknown);

  made->arguments = R"({"container":"nobody","grace_ms":2000,"log_lines":100})";
  made->docker.start();
  REQUIRE(made->docker.up);
  const auto missing = made->plan();
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::NotFound);
}

}  // namespace fieldmedic
