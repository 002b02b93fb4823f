// What kubernetes_restart has in its unit tests: an API server that answers what it is told to, the
// objects that it has, and the action.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "remediator/actions/kubernetes_restart.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

inline const WorkloadName kPod{WorkloadKind::Pod, "orders-0", "collect"};
inline constexpr const char* kAttempt = "test-1-1";
inline constexpr const char* kOurUid = "5a1c0c8e-0000-4000-8000-000000000001";

inline nlohmann::json deployment() {
  return nlohmann::json::parse(R"({"kind": "Deployment",
    "metadata": {"name": "orders", "namespace": "collect", "uid": "u-1", "resourceVersion": "77",
                 "generation": 4},
    "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "orders"}}},
    "status": {"observedGeneration": 4, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 1,
               "availableReplicas": 1}})");
}

// As it is when the attempt's patch was made and its rollout is over.
inline nlohmann::json restarted() {
  nlohmann::json json = deployment();
  json.merge_patch(nlohmann::json::parse(R"({"metadata": {"resourceVersion": "90", "generation": 5},
    "spec": {"template": {"metadata": {"annotations": {"fieldmedic/restarted-by": "test-1-1"}}}},
    "status": {"observedGeneration": 5, "readyReplicas": 2, "availableReplicas": 2}})"));
  return json;
}

inline nlohmann::json pod() {
  return nlohmann::json::parse(R"({"kind": "Pod",
    "metadata": {"name": "orders-0", "namespace": "collect", "uid": "p-1", "resourceVersion": "80",
                 "labels": {"app": "orders"},
                 "ownerReferences": [{"kind": "ReplicaSet", "name": "orders-5d",
                                      "controller": true}]},
    "status": {"phase": "Running"}})");
}

// Of pod(), in the version of its plan or a later one.
inline nlohmann::json owner(int ready, const char* version = "60") {
  return {{"kind", "ReplicaSet"},
          {"metadata", {{"name", "orders-5d"}, {"resourceVersion", version}}},
          {"spec", {{"replicas", 2}}},
          {"status", {{"readyReplicas", ready}}}};
}

inline nlohmann::json changed(nlohmann::json json, const char* patch) {
  json.merge_patch(nlohmann::json::parse(patch));
  return json;
}

inline std::string status(int code, const char* reason) {
  return nlohmann::json{{"kind", "Status"},
                        {"code", code},
                        {"reason", reason},
                        {"message", "said by the server"},
                        {"details", {{"name", "orders"}}}}
      .dump();
}

struct KubernetesActionLab {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  FakeHttp http;
  TempTree host;
  nlohmann::json arguments = nlohmann::json::parse(
      R"({"kind": "deployment", "name": "", "namespace": "", "selector": {}, "grace": -1})");
  std::optional<WorkloadName> workload = WorkloadName{WorkloadKind::Deployment, "orders", ""};
  std::chrono::milliseconds timeout{20'000};
  std::stop_source stop;

  KubernetesActionLab() {
    host.write("self/cgroup", "0::/system.slice/fieldmedic-remediator.service\n");
  }
  explicit KubernetesActionLab(WorkloadName name) : KubernetesActionLab() {
    workload = std::move(name);
  }

  Result<std::unique_ptr<Action>> make() {
    CollectorSpec collector;
    collector.name = kOrders.name;
    collector.workload = workload;
    auto access = std::make_shared<KubernetesAccess>();
    access->server = "https://10.0.0.1:6443";
    access->name_space = "collect";
    access->token = Secret("t0k3n");
    HostSpec cluster{kOrders.host, Reach::Kubernetes};
    cluster.kubernetes = access;
    const auto inventory = std::make_shared<const Inventory>(
        Inventory{{GroupSpec{kOrders.group, {cluster}, {collector}}}});
    ActionTools tools{runner, clock, inventory, {host.root, "/sys", "/"}, systemd};
    tools.clusters = make_kubernetes_hosts(*inventory, http);
    return make_kubernetes_restart(arguments.dump(), tools);
  }
  void serves(const nlohmann::json& object) { http.answer(200, object.dump()); }
  Result<core::Plan> plan(core::LabelMap labels = {}) {
    return make().value()->plan({kOrders, std::move(labels)}, {});
  }
  core::Plan planned(const nlohmann::json& object) {
    serves(object);
    if (object["kind"] == "Pod") serves(owner(2));
    auto made = plan();
    INFO((made ? std::string() : made.error().message));
    REQUIRE(made);
    return *made;
  }
  ApplyAnswer apply(const core::Plan& plan) {
    return make().value()->apply({kAttempt, kOrders, plan, 0, timeout}, stop.get_token());
  }
  ConfirmAnswer confirm(const core::Plan& plan) {
    return make().value()->confirm({kAttempt, kOrders, plan, 0, {}}, {});
  }
  std::string refusal(const nlohmann::json& object) {
    serves(object);
    const auto made = plan();
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::Conflict);
    return made.error().message;
  }
};

}  // namespace fieldmedic
