// kubernetes_restart against a server that is as strict as the real one; see its own words. With
// FIELDMEDIC_KUBECONFIG the first test also runs against the API server that it names, where the
// namespace of its context must hold a deployment `orders` with the rights of docs/actions.md.
#include "remediator/actions/kubernetes_restart.hpp"

#include <cstdlib>
#include <functional>
#include <iostream>
#include <thread>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/kubernetes_lab.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

Json object(const char* kind, const char* name, const Json& spec = Json::object()) {
  return {{"apiVersion", "apps/v1"},
          {"kind", kind},
          {"metadata", {{"name", name}, {"namespace", "collect"}}},
          {"spec", spec}};
}

Json workload(const char* kind) {
  return object(kind, "orders",
                {{"replicas", 2},
                 {"selector", {{"matchLabels", {{"app", "orders"}}}}},
                 {"template", {{"metadata", {{"labels", {{"app", "orders"}}}}}}}});
}

Json pod(const char* owner_kind) {
  Json json = object("Pod", "orders-0");
  json["metadata"]["labels"] = {{"app", "orders"}};
  json["metadata"]["ownerReferences"] =
      Json::array({{{"kind", owner_kind}, {"name", "orders"}, {"controller", true}}});
  return json;
}

Json budget(const char* name, int allowed) {
  Json json =
      object("PodDisruptionBudget", name, {{"selector", {{"matchLabels", {{"app", "orders"}}}}}});
  json["status"] = {{"disruptionsAllowed", allowed}};
  return json;
}

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
    return make_kubernetes_restart(
               R"({"kind":"deployment","name":"","namespace":"","selector":{},"grace":-1})", tools)
        .value();
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

  std::string attempt = "lab-1-1";
  FakeRunner runner;
  FakeSystemd systemd;
  SystemClock clock;
  std::shared_ptr<const Inventory> inventory;
  std::shared_ptr<const KubernetesHosts> clusters;
};

WorkloadName orders(WorkloadKind kind) {
  return {kind, kind == WorkloadKind::Pod ? "orders-0" : "orders", ""};
}

// `pace` sets the seconds that a step of a rollout takes, where that can be set.
void restarts_once(Restart& restart, const std::function<void(double)>& pace) {
  const core::Plan plan = restart.planned();
  pace(600);
  const ApplyAnswer applied = restart.apply(plan);
  INFO(applied.evidence);
  REQUIRE(applied.outcome == Applied::Done);
  CHECK(restart.confirm(plan).answer == Confirmed::InProgress);
  // Dead between apply and confirm, the step comes once more.
  CHECK(restart.apply(plan).outcome == Applied::Done);
  pace(0.1);
  CHECK(restart.comes_to(Confirmed::Applied, plan));
}

}  // namespace

TEST_CASE("kubernetes_restart: a rollout is made once and waited for") {
  if (const char* file = std::getenv("FIELDMEDIC_KUBECONFIG"); file != nullptr) {
    ConfigErrors errors;
    KubernetesAccess access = read_kubeconfig(file, "", errors);
    REQUIRE(errors.text().empty());
    CurlHttpClient http;
    Restart restart(http, std::move(access), orders(WorkloadKind::Deployment));
    restart.attempt = fmt::format("lab-{}", restart.clock.wall().time_since_epoch().count());
    restarts_once(restart, [](double) {});
  }
  KubernetesLab lab;
  for (const auto kind :
       {WorkloadKind::Deployment, WorkloadKind::StatefulSet, WorkloadKind::DaemonSet}) {
    INFO(to_string(kind));
    const std::size_t before = lab.control()["restarts"].size();
    lab.has(workload(std::string(api_kind(kind)).c_str()));
    Restart restart(lab.http, lab.access(), orders(kind));
    restarts_once(restart, [&](double step) { lab.control({{"step", step}}); });
    const Json restarts = lab.control()["restarts"];
    REQUIRE(restarts.size() == before + 1);
    CHECK(restarts.back() == Json{{"fieldmedic/restarted-by", "lab-1-1"}});
  }
}

TEST_CASE("kubernetes_restart: a token, a token of a file and a client certificate are let in") {
  KubernetesLab lab;
  lab.has(workload("Deployment"));
  for (const char* user : {"token: t0k3n", "tokenFile: token",
                           "client-certificate: medic.pem, client-key: medic.key"}) {
    INFO(user);
    CHECK(Restart(lab.http, lab.access(user), orders(WorkloadKind::Deployment)).plan());
  }
  Restart stranger(lab.http, lab.access("token: s3cret"), orders(WorkloadKind::Deployment));
  const auto refused = stranger.plan();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::Denied);
  CHECK_THAT(refused.error().message, Catch::Contains("still valid"));
  // A server that no authority of ours vouches for gets no token.
  lab.tree.write("others.pem", "");
  Authority others(lab.tree, "others");
  const auto served = lab.control()["requests"];
  Restart elsewhere(lab.http, lab.access("token: t0k3n", "certificate-authority: others.pem"),
                    orders(WorkloadKind::Deployment));
  CHECK(elsewhere.plan().error().code == Errc::Io);
  CHECK(lab.control()["requests"] == served);
}

TEST_CASE("kubernetes_restart: a lost answer is found out, and the restart made once") {
  KubernetesLab lab;
  lab.has(workload("Deployment"));
  Restart restart(lab.http, lab.access(), orders(WorkloadKind::Deployment));
  const core::Plan plan = restart.planned();
  SECTION("the patch was made") {
    lab.fails("PATCH", "after", "close");
    CHECK(restart.apply(plan).outcome == Applied::Unknown);
    CHECK(restart.comes_to(Confirmed::Applied, plan));
  }
  SECTION("the patch was not made") {
    lab.fails("PATCH", "before", "close");
    CHECK(restart.apply(plan).outcome == Applied::Unknown);
    CHECK(restart.confirm(plan).answer == Confirmed::InProgress);  // it may still come
    lab.has(workload("Deployment"));                               // another of that name
    CHECK(restart.confirm(plan).answer == Confirmed::NotApplied);
    CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);
    CHECK(restart.apply(restart.planned()).outcome == Applied::Done);
  }
  SECTION("slow") {
    lab.fails("PATCH", "after", "600");
    CHECK(restart.apply(plan, 6s).outcome == Applied::Unknown);
    CHECK(restart.comes_to(Confirmed::Applied, plan));
  }
  SECTION("cancelled in the middle") {
    lab.fails("PATCH", "after", "600");
    std::stop_source stop;
    ApplyAnswer answer;
    std::thread worker([&] { answer = restart.apply(plan, 120s, stop.get_token()); });
    const bool made = eventually([&] { return lab.control()["restarts"].size() == 1; });
    stop.request_stop();
    worker.join();
    CHECK(made);
    CHECK(answer.outcome == Applied::Unknown);
    CHECK(restart.comes_to(Confirmed::Applied, plan));
  }
  CHECK(lab.control()["restarts"].size() == 1);
}

TEST_CASE(
    "kubernetes_restart: a server that refuses, breaks or never ends changes nothing of ours") {
  KubernetesLab lab;
  lab.has(workload("Deployment"));
  Restart restart(lab.http, lab.access(), orders(WorkloadKind::Deployment));
  const core::Plan plan = restart.planned();
  for (const int code : {410, 429}) {
    lab.fails("PATCH", "before", code);
    const ApplyAnswer answer = restart.apply(plan);
    INFO(answer.evidence);
    CHECK(answer.outcome == Applied::Refused);
    CHECK_FALSE(answer.evidence.contains("t0k3n"));  // the server says it back
  }
  lab.fails("PATCH", "before", 500);
  CHECK(restart.apply(plan).outcome == Applied::Unknown);
  lab.fails("GET", "before", "endless");
  const auto endless = restart.plan();
  REQUIRE_FALSE(endless);
  CHECK(endless.error().code == Errc::TooLarge);
  lab.control({{"forbid", Json::array({Json::array({"patch", "deployments"})})}});
  const ApplyAnswer forbidden = restart.apply(plan);
  CHECK(forbidden.outcome == Applied::Refused);
  CHECK_THAT(forbidden.evidence, Catch::Contains("cannot patch resource"));
  CHECK(lab.control()["restarts"].empty());
  lab.control({{"remove", {{"collect", "deployments", "orders"}}}});
  CHECK(restart.plan().error().code == Errc::NotFound);
  CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);
  CHECK(restart.confirm(plan).answer == Confirmed::NotApplied);
}

TEST_CASE("kubernetes_restart: a rollout that comes to no end has failed") {
  KubernetesLab lab;
  Json stuck = workload("Deployment");
  stuck["metadata"]["labels"] = {{"test/never-ready", "true"}};
  lab.has(stuck);
  Restart restart(lab.http, lab.access(), orders(WorkloadKind::Deployment));
  const core::Plan plan = restart.planned();
  REQUIRE(restart.apply(plan).outcome == Applied::Done);
  CHECK(restart.comes_to(Confirmed::NotApplied, plan));
  CHECK_THAT(restart.confirm(plan).evidence, Catch::Contains("progress deadline"));
}

TEST_CASE("kubernetes_restart: a pod is evicted once, within its budget") {
  KubernetesLab lab;
  const bool same_name = GENERATE(true, false);
  const char* owner = same_name ? "StatefulSet" : "ReplicaSet";
  lab.has(workload(owner));
  lab.has(pod(owner));
  Restart restart(lab.http, lab.access(), orders(WorkloadKind::Pod));
  const core::Plan plan = restart.planned();
  SECTION("it is replaced") {
    REQUIRE(restart.apply(plan).outcome == Applied::Done);
    CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);
    CHECK(restart.comes_to(Confirmed::Applied, plan));
    CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);  // not the one that came after
    CHECK(lab.control()["evictions"].size() == 1);
  }
  SECTION("the answer is lost") {
    lab.fails("POST", "after", "close");  // of the eviction: control has no faults
    CHECK(restart.apply(plan).outcome == Applied::Unknown);
    CHECK(restart.comes_to(Confirmed::Applied, plan));
    CHECK(lab.control()["evictions"].size() == 1);
  }
  SECTION("the budget forbids it") {
    lab.has(budget("orders", 0));
    const ApplyAnswer refused = restart.apply(plan);
    CHECK(refused.outcome == Applied::Refused);
    CHECK_THAT(refused.evidence, Catch::Contains("The disruption budget orders needs 2 healthy"));
    lab.has(budget("again", 1));
    CHECK(restart.apply(plan).outcome == Applied::Unknown);  // 500: two budgets
    CHECK(lab.control()["evictions"].empty());
  }
  SECTION("another has its name") {
    lab.has(pod(owner));
    CHECK(restart.apply(plan).outcome == Applied::WorldDiffers);
    CHECK(lab.control()["evictions"].empty());
  }
}

TEST_CASE("the tests' API server is as strict as the real one") {
  KubernetesLab lab;
  lab.has(workload("Deployment"));
  lab.has(pod("ReplicaSet"));
  const KubernetesClient client(lab.access(), lab.http);
  const WorkloadName name{WorkloadKind::Deployment, "orders", "collect"};
  const WorkloadName one{WorkloadKind::Pod, "orders-0", "collect"};
  const auto patch = [&](const char* body) { return client.patch(name, body, 5s, {}).error(); };
  const auto evict = [&](const char* body) { return client.evict(one, body, 5s, {}).error(); };
  CHECK(patch(R"({"spec": {"template": {"metadata": {"annotation": {}}}}})")
            .message.contains("unknown field \"spec.template.metadata.annotation\""));
  CHECK(patch(R"({"spec": {"template": {"metadata": {"annotations": {"a": 1}}}}})").code ==
        Errc::Invalid);
  CHECK(patch(R"({"metadata": {"resourceVersion": "1"}})").code == Errc::Conflict);
  CHECK(patch(R"({"metadata": {"uid": "another"}})").message.contains("422 Invalid"));
  CHECK(evict(R"({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "orders-0"},
    "deleteOption": {}})")
            .message.contains("400 BadRequest"));
  CHECK(evict(R"({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "orders-0"},
    "deleteOptions": {"preconditions": {"uid": "another"}}})")
            .code == Errc::Conflict);
  CHECK(
      evict(R"({"apiVersion": "v1", "kind": "Eviction", "metadata": {"name": "orders-0"}})").code ==
      Errc::Invalid);
  CHECK(client.get("/apis/apps/v2/namespaces/collect/deployments/orders", "x", {}).error().code ==
        Errc::Invalid);
  const Json told = lab.control();
  CHECK(told["restarts"].empty());
  CHECK(told["evictions"].empty());
}

}  // namespace fieldmedic
