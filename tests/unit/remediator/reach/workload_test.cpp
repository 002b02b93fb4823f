#include "remediator/reach/workload.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using State = Rollout::State;

constexpr auto kDeployment = WorkloadKind::Deployment;
constexpr auto kStatefulSet = WorkloadKind::StatefulSet;
constexpr auto kDaemonSet = WorkloadKind::DaemonSet;
const WorkloadName kPod{WorkloadKind::Pod, "orders-1", "collect"};

WorkloadName named(WorkloadKind kind) {
  return {kind, "orders", "collect"};
}

Json object(const WorkloadName& name) {
  return {{"kind", api_kind(name.kind)},
          {"metadata",
           {{"name", name.name},
            {"namespace", name.name_space},
            {"uid", "u-1"},
            {"resourceVersion", "77"},
            {"generation", 4}}},
          {"spec", Json::object()},
          {"status", Json::object()}};
}

Workload read(WorkloadKind kind, const Json& change) {
  Json json = object(named(kind));
  json.merge_patch(change);
  const auto workload = read_workload(named(kind), json.dump());
  REQUIRE(workload);
  return *workload;
}

Rollout rollout(WorkloadKind kind, const char* change) {
  return rollout_of(read(kind, Json::parse(change)));
}

}  // namespace

TEST_CASE("workload: names and where the API serves them") {
  CHECK(named(kDeployment).path() == "/apis/apps/v1/namespaces/collect/deployments/orders");
  CHECK(named(kStatefulSet).path() == "/apis/apps/v1/namespaces/collect/statefulsets/orders");
  CHECK(named(kDaemonSet).path() == "/apis/apps/v1/namespaces/collect/daemonsets/orders");
  CHECK(kPod.path() == "/api/v1/namespaces/collect/pods/orders-1");
  CHECK(kPod.text() == "pod/orders-1 in collect");
  CHECK(workload_kind("daemonset") == kDaemonSet);
  CHECK_FALSE(workload_kind("Deployment"));
  for (const char* good : {"a", "orders", "a.b-c", "0", "orders-5d9f"}) CHECK(is_object_name(good));
  for (const char* bad :
       {"", "A", "-a", "a-", "a..b", ".a", "a.", "a/b", "a_b", "../x", "a b", "ä"})
    CHECK_FALSE(is_object_name(bad));
  CHECK(is_object_name(std::string(253, 'a')));
  CHECK_FALSE(is_object_name(std::string(254, 'a')));
  CHECK(is_namespace_name(std::string(63, 'a')));
  CHECK_FALSE(is_namespace_name(std::string(64, 'a')));
  CHECK_FALSE(is_namespace_name("a.b"));
}

TEST_CASE("workload: what the API leaves out has its default") {
  const Workload bare = read(kDeployment, Json::object());
  CHECK(bare.uid == "u-1");
  CHECK(bare.version == "77");
  CHECK(bare.generation == 4);
  CHECK(bare.wanted == 1);  // spec.replicas
  CHECK(bare.updated == 0);
  CHECK_FALSE(bare.paused);
  CHECK_FALSE(bare.being_deleted);
  CHECK(bare.restarted_by.empty());

  const Workload whole = read(kDeployment, Json::parse(R"({
    "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"},
    "spec": {"replicas": 3, "paused": true,
             "selector": {"matchLabels": {"app": "orders"}, "matchExpressions": [
               {"key": "tier", "operator": "In", "values": ["a", "b"]},
               {"key": "x", "operator": "NotIn", "values": ["y"]},
               {"key": "e", "operator": "Exists"}, {"key": "n", "operator": "DoesNotExist"}]},
             "template": {"metadata": {"annotations": {"fieldmedic/restarted-by": "a-1-1"}}}}})"));
  CHECK(whole.being_deleted);
  CHECK(whole.paused);
  CHECK(whole.wanted == 3);
  CHECK(whole.restarted_by == "a-1-1");
  CHECK(whole.selector == "app=orders,tier in (a,b),x notin (y),e,!n");
  CHECK(read(kDeployment, Json::parse(R"({"spec": {"selector": {"matchLabels": {"a": "b"},
    "matchExpressions": [{"key": "k", "operator": "Gt", "values": ["1"]}]}}})"))
            .selector.empty());

  const Workload set = read(kStatefulSet, Json::parse(R"({"spec": {"updateStrategy":
    {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}}})"));
  CHECK(set.held_back == 2);
  CHECK_FALSE(set.on_delete);
  CHECK(read(kDaemonSet, Json::parse(R"({"spec": {"updateStrategy": {"type": "OnDelete"}}})"))
            .on_delete);
}

TEST_CASE("workload: an answer about something else is none") {
  const WorkloadName name = named(kDeployment);
  const Json right = object(name);
  REQUIRE(read_workload(name, right.dump()));
  for (const char* change :
       {R"({"kind": "Pod"})", R"({"kind": null})", R"({"metadata": {"name": "other"}})",
        R"({"metadata": {"namespace": "other"}})", R"({"metadata": {"uid": null}})",
        R"({"metadata": {"resourceVersion": null}})", R"({"metadata": []})", R"({"spec": null})",
        R"({"status": 1})"}) {
    INFO(change);
    Json json = right;
    json.merge_patch(Json::parse(change));
    const auto workload = read_workload(name, json.dump());
    REQUIRE_FALSE(workload);
    CHECK(workload.error().code == Errc::Malformed);
  }
  for (const char* text : {"", "null", "[]", "{", "<html>", "{\"kind\": \"Deployment\"}"})
    CHECK_FALSE(read_workload(name, text));
}

TEST_CASE("workload: a rollout is finished, under way or failed by kubectl's rules") {
  struct Case {
    WorkloadKind kind;
    const char* change;
    State state;
    const char* evidence;
  };
  const Case cases[] = {
      {kDeployment, R"({"status": {"observedGeneration": 3, "replicas": 1, "updatedReplicas": 1,
        "availableReplicas": 1}})",
       State::UnderWay, "has not seen"},
      {kDeployment, R"({"status": {"observedGeneration": 4, "replicas": 1, "updatedReplicas": 1,
        "availableReplicas": 1}})",
       State::Finished, "1 wanted, 1 updated, 0 ready, 1 available"},
      {kDeployment, R"({"spec": {"replicas": 2}, "status": {"observedGeneration": 4, "replicas": 2,
        "updatedReplicas": 1, "availableReplicas": 2}})",
       State::UnderWay, "not all are updated"},
      {kDeployment, R"({"spec": {"replicas": 2}, "status": {"observedGeneration": 4, "replicas": 3,
        "updatedReplicas": 2, "availableReplicas": 3}})",
       State::UnderWay, "old ones still end"},
      {kDeployment, R"({"spec": {"replicas": 2}, "status": {"observedGeneration": 4, "replicas": 2,
        "updatedReplicas": 2, "availableReplicas": 1}})",
       State::UnderWay, "not all are available"},
      {kDeployment, R"({"spec": {"replicas": 2}, "status": {"observedGeneration": 4, "replicas": 2,
        "updatedReplicas": 1, "conditions": [{"type": "Available", "status": "True"},
        {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}})",
       State::Failed, "progress deadline"},
      {kDeployment, R"({"status": {"observedGeneration": 3, "conditions": [{"type": "Progressing",
        "status": "False", "reason": "ProgressDeadlineExceeded"}]}})",
       State::UnderWay, "has not seen"},  // that of the generation before
      {kStatefulSet, R"({"metadata": {"generation": 0}, "status": {"readyReplicas": 1,
        "updatedReplicas": 1}})",
       State::UnderWay, "has not seen"},
      {kStatefulSet, R"({"status": {"observedGeneration": 4, "readyReplicas": 1,
        "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "a"}})",
       State::Finished, "1 ready"},
      {kStatefulSet, R"({"status": {"observedGeneration": 4, "readyReplicas": 0,
        "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "a"}})",
       State::UnderWay, "not all are ready"},
      {kStatefulSet, R"({"status": {"observedGeneration": 4, "readyReplicas": 1,
        "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"}})",
       State::UnderWay, "revision"},
      {kDaemonSet, R"({"status": {"observedGeneration": 4, "desiredNumberScheduled": 2,
        "updatedNumberScheduled": 2, "numberAvailable": 2, "numberReady": 2}})",
       State::Finished, "2 wanted"},
      {kDaemonSet, R"({"status": {"observedGeneration": 4, "desiredNumberScheduled": 2,
        "updatedNumberScheduled": 1, "numberAvailable": 2}})",
       State::UnderWay, "not all are updated"},
      {kDaemonSet, R"({"status": {"observedGeneration": 4, "desiredNumberScheduled": 2,
        "updatedNumberScheduled": 2, "numberAvailable": 1}})",
       State::UnderWay, "not all are available"},
  };
  for (const Case& wanted : cases) {
    INFO(wanted.change);
    const Rollout got = rollout(wanted.kind, wanted.change);
    CHECK(got.state == wanted.state);
    CHECK_THAT(got.evidence, Catch::Contains(wanted.evidence));
  }
}

TEST_CASE("workload: pods, their controllers and their troubles") {
  Json json = object(kPod);
  json["metadata"].update(Json::parse(R"({"labels": {"app": "orders"}, "ownerReferences": [
    {"kind": "Node", "name": "n"},
    {"kind": "ReplicaSet", "name": "orders-5d", "controller": true}]})"));
  json["status"] = Json::parse(R"({"phase": "Running",
    "conditions": [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "True"}],
    "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}},
                          {"state": {"running": {}}}]})");
  const auto pod = read_pod(kPod, json.dump());
  REQUIRE(pod);
  CHECK(pod->owner_kind == "ReplicaSet");
  CHECK(pod->owner_name == "orders-5d");
  CHECK(pod->ready);
  CHECK(pod->phase == "Running");
  CHECK(pod->trouble == "CrashLoopBackOff");
  CHECK(pod->labels.at("app") == "orders");
  CHECK_FALSE(pod->mirror);

  const auto bare = read_pod(kPod, object(kPod).dump());
  REQUIRE(bare);
  CHECK(bare->owner_kind.empty());
  CHECK_FALSE(bare->ready);

  const auto count = [](const char* kind, const char* body) {
    const auto read = read_ready_count(kind, body);
    return read ? std::pair(read->wanted, read->ready) : std::pair<std::int64_t, std::int64_t>{};
  };
  CHECK(count("ReplicaSet", R"({"kind": "ReplicaSet", "spec": {"replicas": 3}, "status":
    {"readyReplicas": 2}})") == std::pair<std::int64_t, std::int64_t>{3, 2});
  CHECK(count("DaemonSet", R"({"kind": "DaemonSet", "spec": {}, "status":
    {"desiredNumberScheduled": 5, "numberReady": 4}})") ==
        std::pair<std::int64_t, std::int64_t>{5, 4});
  CHECK_FALSE(read_ready_count("ReplicaSet", R"({"kind": "StatefulSet", "spec": {}})"));

  const auto page = read_pod_page(R"({"kind": "PodList", "metadata": {"continue": "c"}, "items":
    [{"metadata": {"uid": "u-1"}}, {"metadata": {"uid": "u-2"}}]})");
  REQUIRE(page);
  CHECK(page->uids == std::vector<std::string>{"u-1", "u-2"});
  CHECK(page->next == "c");
  CHECK_FALSE(read_pod_page(R"({"kind": "Status"})"));
}

TEST_CASE("workload: an autoscaler is found by what it scales, on a list that is whole") {
  const auto list = [](const char* more, const char* metadata = "{}") {
    return std::string(R"({"kind": "HorizontalPodAutoscalerList", "metadata": )") + metadata +
           R"(, "items": [)" + more + "]}";
  };
  const WorkloadName name = named(kDeployment);
  CHECK(autoscaler_of(name, list("")) == "");
  CHECK(autoscaler_of(name, list(R"({"metadata": {"name": "a"}, "spec": {"scaleTargetRef":
    {"kind": "StatefulSet", "name": "orders"}}}, {"metadata": {"name": "b"}, "spec":
    {"scaleTargetRef": {"kind": "Deployment", "name": "other"}}})")) == "");
  CHECK(autoscaler_of(name, list(R"({"metadata": {"name": "c"}, "spec": {"scaleTargetRef":
    {"kind": "Deployment", "name": "orders"}}})")) == "c");
  CHECK_FALSE(autoscaler_of(name, list("", R"({"continue": "c"})")));
  CHECK_FALSE(autoscaler_of(name, R"({"kind": "Status"})"));
}

}  // namespace fieldmedic
