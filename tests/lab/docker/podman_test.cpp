// container_restart and clones on a real Podman, through its socket that speaks like Docker's.
#include "remediator/actions/container_restart.hpp"
#include "remediator/actions/scale_out.hpp"
#include "remediator/reach/docker_engine.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/podman_host.hpp"
#include "tests/fakes/real_engine.hpp"

namespace fieldmedic {
namespace {

using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

constexpr const char* kPolite =
    "trap 'exit 0' TERM; echo hello from orders; busybox sleep 86400 & wait";
constexpr const char* kDeaf = "trap '' TERM; echo deaf; while :; do busybox sleep 0.1; done";
constexpr const char* kTwo = "orders-fieldmedic-2";

struct Lab {
  PodmanHost podman;
  CurlHttpClient http;
  FakeRunner runner;
  FakeSystemd systemd;
  std::shared_ptr<ContainerEngine> engine =
      make_docker_engine({.socket = podman.socket()}, http, system_clock());
  std::vector<std::string> left;

  ActionTools tools() {
    ActionTools tools{runner, system_clock(), inventory_of({}), {"/proc", "/sys", "/"}, systemd};
    tools.containers = engine;
    tools.evidence = podman.folder() / "evidence";
    return tools;
  }
  std::unique_ptr<Action> restart(const std::string& arguments) {
    return make_container_restart(arguments, tools()).value();
  }
  std::unique_ptr<Action> scale() {
    return make_scale_out(R"({"unit":"","container":"orders","max":2,"step":1})", tools()).value();
  }
};

// None where the machine has none; the reason is printed.
std::unique_ptr<Lab> lab() {
  if (const auto why = PodmanHost::why_not(); !why.empty()) {
    puts(("SKIP: " + why).c_str());
    return nullptr;
  }
  auto made = std::make_unique<Lab>();
  if (made->podman.up && made->podman.run_container("orders", kPolite)) return made;
  puts(("SKIP: Podman runs no container here: " + made->podman.said).c_str());
  return nullptr;
}

}  // namespace

TEST_CASE("podman: a container is restarted, its log is kept, and nothing is done twice") {
  const auto made = lab();
  if (!made) return;
  const auto action = made->restart(R"({"container":"orders","grace_ms":2000,"log_lines":100})");
  const auto before = made->engine->inspect("orders", {}).value();
  REQUIRE(eventually([&] {
    return made->engine->logs(before, 10, {}).value_or("").contains("hello from orders");
  }));
  const auto plan = action->plan({kOrders, {}}, {});
  REQUIRE(plan);
  // What Podman was not told to do has not been done.
  CHECK(action->confirm({own_attempt(), kOrders, *plan, 1, {}}, {}).answer ==
        Confirmed::NotApplied);
  carry_out(*action, *plan, made->left);
  CHECK(made->engine->inspect("orders", {}).value().started_at != before.started_at);
  CHECK(action->apply({own_attempt(), kOrders, *plan, 1, 30s}, {}).outcome ==
        Applied::WorldDiffers);
  CHECK(made->engine->inspect("nobody", {}).error().code == Errc::NotFound);
}

TEST_CASE("podman: an answer that was not waited for is found by what Podman remembers") {
  const auto made = lab();
  if (!made) return;
  REQUIRE(made->podman.podman({"rm", "--force", "--time", "0", "orders"}));
  REQUIRE(made->podman.run_container("orders", kDeaf));
  const auto action = made->restart(R"({"container":"orders","grace_ms":10000,"log_lines":0})");
  const auto before = made->engine->inspect("orders", {}).value().started_at;
  const auto plan = action->plan({kOrders, {}}, {});
  REQUIRE(plan);
  // Where not even the question before it was answered in time, nothing was told.
  Applied outcome = Applied::Refused;
  REQUIRE(eventually([&] {
    outcome = action->apply({own_attempt(), kOrders, *plan, 0, 500ms}, {}).outcome;
    return outcome != Applied::Refused;
  }));
  CHECK(outcome == Applied::Unknown);
  // Told or not: never "it was not told to" and then a new start.
  const ApplyRequest request{own_attempt(), kOrders, *plan, 0, {}};
  REQUIRE(eventually([&] { return action->confirm(request, {}).answer != Confirmed::InProgress; },
                     60s));
  CHECK((action->confirm(request, {}).answer == Confirmed::Applied) ==
        (made->engine->inspect("orders", {}).value().started_at != before));
}

TEST_CASE("podman: what it was told to end is remembered among other events") {
  const auto made = lab();
  if (!made) return;
  const auto container = made->engine->inspect("orders", {}).value();
  const WallTime since = system_clock().wall();
  CHECK_FALSE(made->engine->last_stop(container.id, since, {}).value());
  REQUIRE(made->podman.run_container("other", kPolite));
  REQUIRE(made->podman.podman({"restart", "--time", "2", "orders"}));
  REQUIRE(made->podman.podman({"restart", "--time", "2", "other"}));
  const auto told = made->engine->last_stop(container.id, since, {});
  REQUIRE(told);
  REQUIRE(*told);
  CHECK(**told >= since);
}

TEST_CASE("podman: a clone is made, started and taken back") {
  const auto made = lab();
  if (!made) return;
  const auto action = made->scale();
  const auto plan = action->plan({kOrders, {}, {}}, {});
  INFO((plan ? "" : plan.error().message));
  REQUIRE(plan);
  carry_out(*action, *plan, made->left);
  CHECK(made->engine->inspect(kTwo, {}).value().running);
  const auto undo = action->plan_undo({kOrders, {}, own_attempt(), *plan, made->left}, {});
  INFO((undo ? "" : undo.error().message));
  REQUIRE(undo);
  carry_out(*action, *undo, made->left);
  CHECK(made->engine->inspect(kTwo, {}).error().code == Errc::NotFound);
  CHECK(made->engine->inspect("orders", {}).value().running);
}

TEST_CASE("podman: without its service nothing is planned") {
  const auto made = lab();
  if (!made) return;
  made->podman.stop();
  const auto action = made->restart(R"({"container":"orders","grace_ms":2000,"log_lines":0})");
  const auto plan = action->plan({kOrders, {}}, {});
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == Errc::Unavailable);
}

}  // namespace fieldmedic
