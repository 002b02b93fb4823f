// scale_out of a deployment, against a server that is as strict as the real one, or a real one.
#include "remediator/actions/replica_scale.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/any_kubernetes.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/kubernetes_objects.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

struct Scale {
  Scale() {
    lab->has(workload("Deployment"));
    HostSpec cluster{kOrders.host, Reach::Kubernetes};
    cluster.kubernetes = std::make_shared<const KubernetesAccess>(lab->access());
    CollectorSpec collector;
    collector.name = kOrders.name;
    inventory = std::make_shared<const Inventory>(
        Inventory{{GroupSpec{kOrders.group, {cluster}, {collector}}}});
    clusters = make_kubernetes_hosts(*inventory, lab->http());
  }
  std::unique_ptr<Action> action() {
    ActionTools tools{runner, clock, inventory, {}, systemd};
    tools.clusters = clusters;
    return make_replica_scale({WorkloadKind::Deployment, "orders", ""}, terms, tools);
  }
  Result<core::Plan> plan(std::vector<core::Plan> made = {}) {
    return action()->plan({kOrders, {}, std::move(made)}, {});
  }
  Result<core::Plan> plan_undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, own_attempt(), made}, {});
  }
  core::Plan right(Result<core::Plan> plan) {
    INFO((plan ? std::string() : plan.error().message));
    REQUIRE(plan);
    return *plan;
  }
  ApplyAnswer apply(const core::Plan& plan) {
    return action()->apply({own_attempt(), kOrders, plan, 0, 60s}, {});
  }
  ConfirmAnswer confirm(const core::Plan& plan) {
    return action()->confirm({own_attempt(), kOrders, plan, 0, {}}, {});
  }
  bool is_done(const core::Plan& plan) {
    return eventually([&] { return confirm(plan).answer == Confirmed::Applied; }, 120s);
  }
  Json scales() { return lab->told()["scales"]; }

  std::unique_ptr<KubernetesPart> lab = any_kubernetes();
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  ScaleTerms terms{.max = 4, .step = 1};
  std::shared_ptr<const Inventory> inventory;
  std::shared_ptr<const KubernetesHosts> clusters;
};

}  // namespace

TEST_CASE("scale_out of replicas: to an absolute count, once, and back") {
  Scale scale;
  const core::Plan plan = scale.right(scale.plan());
  const std::string space = scale.lab->name_space();
  CHECK(plan.summary == "scale deployment/orders in " + space + " from 2 to 3 of at most 4");
  REQUIRE(plan.lease);
  CHECK(plan.lease->resource == "host/lab/scale/kubernetes/" + space + "/deployment/orders");
  CHECK(plan.resources ==
        std::vector<std::string>{plan.lease->resource,
                                 "host/lab/kubernetes/" + space + "/deployment/orders"});
  CHECK(scale.confirm(plan).answer == Confirmed::InProgress);  // it may still come
  scale.lab->controllers_wait();
  CHECK(scale.apply(plan).outcome == Applied::Done);
  CHECK(scale.confirm(plan).answer == Confirmed::InProgress);
  scale.lab->controllers_go_on();
  CHECK(scale.is_done(plan));
  CHECK(scale.apply(plan).outcome == Applied::WorldDiffers);  // as after a crash
  // Planned once more by the same incident it goes no further.
  CHECK(scale.plan({plan}).error().code == Errc::Conflict);
  CHECK(scale.scales() == Json::array({3}));

  const core::Plan undo = scale.right(scale.plan_undo(plan));
  REQUIRE(undo.steps.size() == 1);
  CHECK_FALSE(undo.lease);
  CHECK(scale.apply(undo).outcome == Applied::Done);
  CHECK(scale.is_done(undo));
  CHECK(scale.plan_undo(plan)->steps.empty());
  CHECK(scale.scales() == Json::array({3, 2}));
}

TEST_CASE("scale_out of replicas: the same incident goes on to the count that it began with") {
  Scale scale;
  scale.terms.step = 2;
  const core::Plan plan = scale.right(scale.plan());
  CHECK(Json::parse(plan.steps.front().wanted)["replicas"] == 4);
  scale.lab->has(workload("Deployment", 3));
  scale.terms.step = 1;
  const core::Plan again = scale.right(scale.plan({plan}));
  CHECK(Json::parse(again.steps.front().wanted)["replicas"] == 4);
  scale.lab->has(workload("Deployment", 4));
  CHECK(scale.plan().error().code == Errc::Conflict);  // at most 4
}

TEST_CASE("scale_out of replicas: what an autoscaler or another scales is left alone") {
  Scale scale;
  const core::Plan plan = scale.right(scale.plan());
  SECTION("an autoscaler owns the count") {
    scale.lab->has(autoscaler());
    CHECK_THAT(scale.plan().error().message, Catch::Contains("the autoscaler orders"));
  }
  SECTION("whether one does must not be asked") {
    scale.lab->forbids("list", "horizontalpodautoscalers");
    const auto refused = scale.plan();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::Denied);
    CHECK_THAT(refused.error().message, Catch::Contains("cannot list resource "
                                                        "\"horizontalpodautoscalers\""));
  }
  SECTION("somebody ended all of it") {
    scale.lab->has(workload("Deployment", 0));
    CHECK_THAT(scale.plan().error().message, Catch::Contains("wants no pods"));
  }
  SECTION("between plan and apply") {
    scale.lab->has(workload("Deployment", 1));
    CHECK(scale.apply(plan).outcome == Applied::WorldDiffers);
    CHECK(scale.confirm(plan).answer == Confirmed::NotApplied);
    CHECK(scale.scales().empty());
  }
  SECTION("before the undo") {
    REQUIRE(scale.apply(plan).outcome == Applied::Done);
    const KubernetesClient client(scale.lab->access(), scale.lab->http());
    REQUIRE(client.patch({WorkloadKind::Deployment, "orders", scale.lab->name_space()},
                         R"({"spec": {"replicas": 7}})", 20s, {}));
    CHECK(scale.plan_undo(plan).error().code == Errc::Conflict);
  }
  SECTION("the answer is lost") {
    scale.lab->fails("PATCH", "after", "close");
    CHECK(scale.apply(plan).outcome == Applied::Unknown);
    CHECK(scale.is_done(plan));
    CHECK(scale.scales() == Json::array({3}));
  }
  SECTION("nothing was sent") {
    scale.clock.advance(40s);
    CHECK(scale.confirm(plan).answer == Confirmed::NotApplied);
    CHECK(scale.apply(plan).outcome == Applied::WorldDiffers);
  }
  SECTION("it is gone") {
    scale.lab->loses("deployments", "orders");
    CHECK(scale.plan().error().code == Errc::NotFound);
    CHECK(scale.apply(plan).outcome == Applied::WorldDiffers);
    CHECK(scale.confirm(plan).answer == Confirmed::NotApplied);
  }
}

}  // namespace fieldmedic
