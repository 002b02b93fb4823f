// kubernetes_restart against a server that is as strict as the real one, or against a real one.
#include "remediator/actions/kubernetes_restart.hpp"

#include <thread>

#include "tests/catch.hpp"
#include "tests/fakes/any_kubernetes.hpp"
#include "tests/fakes/certificates.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/kubernetes_objects.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

// One target of one cluster; each call has an action of its own, as after a crash.
struct Restart {
  Restart(HttpClient& http, KubernetesAccess access, WorkloadName name) {
    CollectorSpec collector;
    collector.name = kOrders.name;
    collector.workload = std::move(name);
    HostSpec cluster{kOrders.host, Reach::Kubernetes};
    cluster.kubernetes = std::make_shared<const KubernetesAccess>(std::move(access));
    inventory = std::make_shared<const Inventory>(
        Inventory{{GroupSpec{kOrders.group, {cluster}, {collector}}}});
    clusters = make_kubernetes_hosts(*inventory, http);
  }
  std::unique_ptr<Action> action() {
    ActionTools tools{runner, clock, inventory, {}, systemd};
    tools.clusters = clusters;
    const Json arguments{{"kind", "deployment"},
                         {"name", ""},
                         {"namespace", ""},
                         {"selector", Json::object()},
                         {"grace", grace}};
    return make_kubernetes_restart(arguments.dump(), tools).value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  core::Plan planned() {
    auto made = plan();
    INFO((made ? std::string() : made.error().message));
    REQUIRE(made);
    return *made;
  }
  ApplyAnswer apply(const core::Plan& plan, std::chrono::milliseconds timeout = 60s,
                    std::stop_token stop = {}) {
    return action()->apply({attempt, kOrders, plan, 0, timeout}, std::move(stop));
  }
  ConfirmAnswer confirm(const core::Plan& plan) {
    return action()->confirm({attempt, kOrders, plan, 0, {}}, {});
  }
  bool comes_to(Confirmed wanted, const core::Plan& plan) {
    return eventually([&] { return confirm(plan).answer == wanted; }, 600s);
  }

  std::string attempt = own_attempt();
  int grace = -1;  // seconds; the pod's own
  FakeRunner runner;
  FakeSystemd systemd;
  SystemClock clock;
  std::shared_ptr<const Inventory> inventory;
  std::shared_ptr<const KubernetesHosts> clusters;
};

WorkloadName orders(WorkloadKind kind = WorkloadKind::Deployment) {
  return {kind, "orders", ""};
}
WorkloadName a_pod(std::string name) {
  return {WorkloadKind::Pod, std::move(name), ""};
}

void restarts_once(Restart& restart, KubernetesPart& lab) {
  const core::Plan plan = restart.planned();
  lab.controllers_wait();
  const ApplyAnswer applied = restart.apply(plan);
  INFO(applied.evidence);
  REQUIRE(applied.outcome == Applied::Done);
  CHECK(restart.confirm(plan).answer == Confirmed::InProgress);
  // Dead between apply and confirm, the step comes once more.
  CHECK(restart.apply(plan).outcome == Applied::Done);
  lab.controllers_go_on();
  CHECK(restart.comes_to(Confirmed::Applied, plan));
}

}  // namespace

TEST_CASE("kubernetes_restart: a rollout is made once and waited for") {
  const auto lab = any_kubernetes();
  for (const auto kind :
       {WorkloadKind::Deployment, WorkloadKind::StatefulSet, WorkloadKind::DaemonSet}) {
    INFO(to_string(kind));
    const std::size_t before = lab->told()["restarts"].size();
    lab->has(workload(std::string(api_kind(kind))));
    Restart restart(lab->http(), lab->access(), orders(kind));
    restarts_once(restart, *lab);
    const Json restarts = lab->told()["restarts"];
    REQUIRE(restarts.size() == before + 1);
    CHECK(restarts.back() == Json{{"fieldmedic/restarted-by", own_attempt()}});
  }
}

TEST_CASE("kubernetes_restart: a token, a token of a file and a client certificate are let in") {
  const auto lab = any_kubernetes();
  lab->has(workload("Deployment"));
  for (const KubernetesAccess& access : lab->let_in()) {
    Restart restart(lab->http(), access, orders());
    CHECK(restart.plan());
  }
  KubernetesAccess of_nobody = lab->access();
  of_nobody.token_file.clear();
  of_nobody.token = Secret("s3cret");
  Restart stranger(lab->http(), of_nobody, orders());
  const auto refused = stranger.plan();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::Denied);
  CHECK_THAT(refused.error().message, Catch::Contains("still valid"));
  // A server that no authority of ours vouches for gets no token.
  const TempTree tree;
  KubernetesAccess doubtful = lab->access();
  doubtful.tls.ca_file = Authority(tree, "others").certificate();
  doubtful.material.ca.clear();
  const auto served = lab->told()["requests"];
  Restart elsewhere(lab->http(), doubtful, orders());
  const auto unproved = elsewhere.plan();
  REQUIRE_FALSE(unproved);
  CHECK(unproved.error().code == Errc::Io);
  CHECK(lab->told()["requests"] == served);
}

TEST_CASE("kubernetes_restart: a lost answer is found out, and the restart made once") {
  const auto lab = any_kubernetes();
  lab->has(workload("Deployment"));
  Restart restart(lab->http(), lab->access(), orders());
  const core::Plan plan = restart.planned();
  SECTION("the patch was made") {
    lab->fails("PATCH", "after", "close");
    CHECK(restart.apply(plan).outcome == Applied::Unknown);
    CHECK(restart.comes_to(Confirmed::Applied, plan));
  }
  SECTION("the patch was not made") {
    lab->fails("PATCH", "before", "close");
    CHECK(restart.apply(plan).outcome == Applied::Unknown);
    CHECK(restart.confirm(plan).answer == Confirmed::InProgress);  // it may still come
    lab->has(workload("Deployment"));                              // another of that name
    CHECK(restart.confirm(plan).answer == Confirmed::NotApplied);
    CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);
    CHECK(restart.apply(restart.planned()).outcome == Applied::Done);
  }
  SECTION("slow") {
    lab->fails("PATCH", "after", "600");
    CHECK(restart.apply(plan, 6s).outcome == Applied::Unknown);
    CHECK(restart.comes_to(Confirmed::Applied, plan));
  }
  SECTION("cancelled in the middle") {
    lab->fails("PATCH", "after", "600");
    std::stop_source stop;
    ApplyAnswer answer;
    std::thread worker([&] { answer = restart.apply(plan, 120s, stop.get_token()); });
    const bool made = eventually([&] { return lab->told()["restarts"].size() == 1; });
    stop.request_stop();
    worker.join();
    CHECK(made);
    CHECK(answer.outcome == Applied::Unknown);
    CHECK(restart.comes_to(Confirmed::Applied, plan));
  }
  CHECK(lab->told()["restarts"].size() == 1);
}

TEST_CASE(
    "kubernetes_restart: a server that refuses, breaks or never ends changes nothing of ours") {
  const auto lab = any_kubernetes();
  lab->has(workload("Deployment"));
  Restart restart(lab->http(), lab->access(), orders());
  const core::Plan plan = restart.planned();
  for (const int code : {410, 429}) {
    lab->fails("PATCH", "before", code);
    const ApplyAnswer answer = restart.apply(plan);
    INFO(answer.evidence);
    CHECK(answer.outcome == Applied::Refused);
    CHECK_FALSE(answer.evidence.contains("t0k3n"));  // the server says it back
  }
  lab->fails("PATCH", "before", 500);
  CHECK(restart.apply(plan).outcome == Applied::Unknown);
  lab->fails("GET", "before", "endless");
  const auto endless = restart.plan();
  REQUIRE_FALSE(endless);
  CHECK(endless.error().code == Errc::TooLarge);
  lab->forbids("patch", "deployments");
  const ApplyAnswer forbidden = restart.apply(plan);
  CHECK(forbidden.outcome == Applied::Refused);
  CHECK_THAT(forbidden.evidence, Catch::Contains("cannot patch resource"));
  CHECK(lab->told()["restarts"].empty());
  lab->loses("deployments", "orders");
  const auto gone = restart.plan();
  REQUIRE_FALSE(gone);
  CHECK(gone.error().code == Errc::NotFound);
  CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);
  CHECK(restart.confirm(plan).answer == Confirmed::NotApplied);
}

TEST_CASE("kubernetes_restart: a rollout that comes to no end has failed") {
  const auto lab = any_kubernetes();
  lab->has(never_ready_again());
  Restart restart(lab->http(), lab->access(), orders());
  const core::Plan plan = restart.planned();
  REQUIRE(restart.apply(plan).outcome == Applied::Done);
  CHECK(restart.comes_to(Confirmed::NotApplied, plan));
  CHECK_THAT(restart.confirm(plan).evidence, Catch::Contains("progress deadline"));
}

TEST_CASE("kubernetes_restart: a pod is evicted once, within its budget") {
  const auto lab = any_kubernetes();
  const bool same_name = GENERATE(true, false);
  const std::string pod = lab->pod_of(workload(same_name ? "StatefulSet" : "ReplicaSet"));
  Restart restart(lab->http(), lab->access(), a_pod(pod));
  const core::Plan plan = restart.planned();
  SECTION("it is replaced") {
    REQUIRE(restart.apply(plan).outcome == Applied::Done);
    CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);
    CHECK(restart.comes_to(Confirmed::Applied, plan));
    CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);  // not the one that came after
    CHECK(lab->told()["evictions"].size() == 1);
  }
  SECTION("the answer is lost") {
    lab->fails("POST", "after", "close");  // of the eviction: control has no faults
    CHECK(restart.apply(plan).outcome == Applied::Unknown);
    CHECK(restart.comes_to(Confirmed::Applied, plan));
    CHECK(lab->told()["evictions"].size() == 1);
  }
  SECTION("the budget forbids it") {
    lab->has(disruption_budget("orders", 2));
    const ApplyAnswer refused = restart.apply(plan);
    CHECK(refused.outcome == Applied::Refused);
    CHECK_THAT(refused.evidence, Catch::Contains("The disruption budget orders needs 2 healthy"));
    lab->has(disruption_budget("again", 1));
    CHECK(restart.apply(plan).outcome == Applied::Unknown);  // 500: two budgets
    CHECK(lab->told()["evictions"].empty());
  }
  SECTION("another has its name") {
    lab->ends_pod(pod);
    CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);
    CHECK(lab->told()["evictions"].empty());
  }
}

TEST_CASE("kubernetes_restart: an evicted pod is made up for when it is said to be") {
  const auto lab = any_kubernetes();
  const std::pair<const char*, const char*> owners[] = {
      {"StatefulSet", "statefulsets"}, {"ReplicaSet", "replicasets"}, {"DaemonSet", "daemonsets"}};
  for (const auto& [kind, plural] : owners) {
    for (const int grace : {-1, 0}) {
      INFO(kind << ", grace " << grace);
      Restart restart(lab->http(), lab->access(), a_pod(lab->pod_of(workload(kind))));
      restart.grace = grace;
      const core::Plan plan = restart.planned();
      REQUIRE(lab->ready_pods() == 2);
      REQUIRE(restart.apply(plan).outcome == Applied::Done);
      REQUIRE(restart.comes_to(Confirmed::Applied, plan));
      CHECK(lab->ready_pods() == 2);
      lab->loses(plural, "orders");
    }
  }
}

TEST_CASE(
    "kubernetes_restart: a pod whose set numbers from 5 is made up for by the one of its name") {
  const auto lab = any_kubernetes();
  auto set = workload("StatefulSet");
  set["spec"]["ordinals"] = {{"start", 5}};
  const std::string pod = lab->pod_of(set);
  REQUIRE((pod == "orders-5" || pod == "orders-6"));  // a real one tells them in its own order
  Restart restart(lab->http(), lab->access(), a_pod(pod));
  const core::Plan plan = restart.planned();
  REQUIRE(restart.apply(plan).outcome == Applied::Done);
  REQUIRE(restart.comes_to(Confirmed::Applied, plan));
  CHECK(lab->ready_pods() == 2);
  CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);
  CHECK(lab->told()["evictions"].size() == 1);
}

TEST_CASE("kubernetes_restart: a right that is missing is named") {
  const auto lab = any_kubernetes();
  const std::string pod = lab->pod_of(workload("StatefulSet"));
  Restart restart(lab->http(), lab->access(), a_pod(pod));
  const core::Plan plan = restart.planned();
  lab->forbids("create", "pods/eviction");
  const ApplyAnswer refused = restart.apply(plan);
  CHECK(refused.outcome == Applied::Refused);
  CHECK_THAT(refused.evidence,
             Catch::Contains("cannot create resource \"pods/eviction\" in API group \"\""));
  lab->forbids("get", "statefulsets");
  const auto unowned = restart.plan();
  REQUIRE_FALSE(unowned);
  CHECK(unowned.error().code == Errc::Denied);
  CHECK_THAT(unowned.error().message, Catch::Contains("cannot get resource \"statefulsets\""));
  lab->ends_pod(pod);
  const ConfirmAnswer unsure = restart.confirm(plan);
  CHECK(unsure.answer == Confirmed::Unknown);
  CHECK_THAT(unsure.evidence,
             Catch::Contains("cannot get resource \"statefulsets\" in API group \"apps\""));
  lab->forbids("get", "pods");
  const auto unseen = restart.plan();
  REQUIRE_FALSE(unseen);
  CHECK(unseen.error().code == Errc::Denied);
  CHECK_THAT(unseen.error().message, Catch::Contains("cannot get resource \"pods\""));
  CHECK(lab->told()["evictions"].empty());
}

}  // namespace fieldmedic
