#include "remediator/actions/kubernetes_restart.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

const WorkloadName kPod{WorkloadKind::Pod, "orders-0", "collect"};
constexpr const char* kAttempt = "test-1-1";
constexpr const char* kOurUid = "5a1c0c8e-0000-4000-8000-000000000001";

Json deployment() {
  return Json::parse(R"({"kind": "Deployment",
    "metadata": {"name": "orders", "namespace": "collect", "uid": "u-1", "resourceVersion": "77",
                 "generation": 4},
    "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "orders"}}},
    "status": {"observedGeneration": 4, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 1,
               "availableReplicas": 1}})");
}

// As it is when the attempt's patch was made and its rollout is over.
Json restarted() {
  Json json = deployment();
  json.merge_patch(Json::parse(R"({"metadata": {"resourceVersion": "90", "generation": 5},
    "spec": {"template": {"metadata": {"annotations": {"fieldmedic/restarted-by": "test-1-1"}}}},
    "status": {"observedGeneration": 5, "readyReplicas": 2, "availableReplicas": 2}})"));
  return json;
}

Json pod() {
  return Json::parse(R"({"kind": "Pod",
    "metadata": {"name": "orders-0", "namespace": "collect", "uid": "p-1", "resourceVersion": "80",
                 "labels": {"app": "orders"},
                 "ownerReferences": [{"kind": "ReplicaSet", "name": "orders-5d",
                                      "controller": true}]},
    "status": {"phase": "Running"}})");
}

// Of pod(), in the version of its plan or a later one.
Json owner(int ready, const char* version = "60") {
  return {{"kind", "ReplicaSet"},
          {"metadata", {{"name", "orders-5d"}, {"resourceVersion", version}}},
          {"spec", {{"replicas", 2}}},
          {"status", {{"readyReplicas", ready}}}};
}

Json changed(Json json, const char* patch) {
  json.merge_patch(Json::parse(patch));
  return json;
}

std::string status(int code, const char* reason) {
  return Json{{"kind", "Status"},
              {"code", code},
              {"reason", reason},
              {"message", "said by the server"},
              {"details", {{"name", "orders"}}}}
      .dump();
}

struct Lab {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  FakeHttp http;
  TempTree host;
  Json arguments = Json::parse(
      R"({"kind": "deployment", "name": "", "namespace": "", "selector": {}, "grace": -1})");
  std::optional<WorkloadName> workload = WorkloadName{WorkloadKind::Deployment, "orders", ""};
  std::chrono::milliseconds timeout{20'000};
  std::stop_source stop;

  Lab() { host.write("self/cgroup", "0::/system.slice/fieldmedic-remediator.service\n"); }
  explicit Lab(WorkloadName name) : Lab() { workload = std::move(name); }

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
  void serves(const Json& object) { http.answer(200, object.dump()); }
  Result<core::Plan> plan(core::LabelMap labels = {}) {
    return make().value()->plan({kOrders, std::move(labels)}, {});
  }
  core::Plan planned(const Json& object) {
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
  std::string refusal(const Json& object) {
    serves(object);
    const auto made = plan();
    REQUIRE_FALSE(made);
    CHECK(made.error().code == Errc::Conflict);
    return made.error().message;
  }
};

}  // namespace

TEST_CASE("kubernetes_restart: plans the object as it is, patches that one once, waits for it") {
  Lab lab;
  const core::Plan plan = lab.planned(deployment());
  CHECK(plan.summary == "restart deployment/orders in collect: 2 pods, 1 ready");
  CHECK(plan.resources == std::vector<std::string>{"host/lab/kubernetes/collect/deployment/orders",
                                                   "host/lab/process/orders"});
  CHECK_FALSE(plan.lease);
  REQUIRE(plan.steps.size() == 1);
  const Json seen = Json::parse(plan.steps[0].seen);
  CHECK(seen["uid"] == "u-1");
  CHECK(seen["resource_version"] == "77");
  CHECK(Json::parse(plan.steps[0].wanted) ==
        Json::parse(R"({"uid": "u-1", "annotation": "fieldmedic/restarted-by",
                        "value": "the attempt"})"));

  lab.serves(deployment());
  Json patched = changed(restarted(), R"({"status": {"observedGeneration": 4}})");
  lab.serves(patched);
  CHECK(lab.apply(plan).outcome == Applied::Done);
  const auto sent = lab.http.sent();
  REQUIRE(sent.size() == 3);
  CHECK(sent[2].method == "PATCH");
  CHECK(Json::parse(sent[2].body) == Json::parse(R"({
    "metadata": {"uid": "u-1", "resourceVersion": "77"},
    "spec": {"template": {"metadata": {"annotations": {"fieldmedic/restarted-by": "test-1-1"}}}}})"));

  lab.serves(patched);
  CHECK(lab.confirm(plan).answer == Confirmed::InProgress);
  lab.serves(restarted());
  CHECK(lab.confirm(plan).answer == Confirmed::Applied);

  // After a crash the same step comes again, and finds it done.
  lab.serves(restarted());
  CHECK(lab.apply(plan).outcome == Applied::Done);
  CHECK(lab.http.sent().back().method == "GET");
}

TEST_CASE("kubernetes_restart: what a restart would not help is refused, with the reason") {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"spec": {"paused": true}})", "is paused"},
      {R"({"spec": {"replicas": 0}})", "wants no pods"},
      {R"({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}})", "is being deleted"},
      {R"({"spec": {"updateStrategy": {"type": "OnDelete"}}})", "OnDelete"},
      {R"({"spec": {"updateStrategy": {"rollingUpdate": {"partition": 1}}}})", "holds 1 pods back"},
      {R"({"status": {"observedGeneration": 3}})", "has a rollout under way"},
      {R"({"status": {"updatedReplicas": 1}})", "has a rollout under way"},
      {R"({"status": {"replicas": 3}})", "has a rollout under way"},
  };
  for (const auto& [change, why] : cases) {
    INFO(change);
    Lab lab;
    CHECK_THAT(lab.refusal(changed(deployment(), change)), Catch::Contains(why));
  }
  // One that is stuck may be restarted: it comes to no end by itself.
  Lab stuck;
  (void)stuck.planned(changed(deployment(), R"({"status": {"updatedReplicas": 1, "conditions":
    [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]}})"));
}

TEST_CASE("kubernetes_restart: the remediator's own pods are left alone") {
  Lab lab;
  lab.host.write("self/cgroup", "0::/\n");
  lab.host.write("self/mountinfo", std::string("1 2 0:1 /var/lib/kubelet/pods/") + kOurUid +
                                       "/etc-hosts /etc/hosts\n");
  lab.serves(deployment());
  lab.serves(Json::parse(R"({"kind": "PodList", "metadata": {"continue": "c=1"}, "items": []})"));
  lab.http.answer(200, std::string(R"({"kind": "PodList", "items": [{"metadata": {"uid": ")") +
                           kOurUid + "\"}}]}");
  CHECK_THAT(lab.plan().error().message, Catch::EndsWith("is the remediator's own"));
  const auto sent = lab.http.sent();
  REQUIRE(sent.size() == 3);
  CHECK(sent[1].url.ends_with("/namespaces/collect/pods?limit=500&labelSelector=app%3Dorders"));
  CHECK(sent[2].url.ends_with("&continue=c%3D1"));

  lab.serves(deployment());
  lab.serves(Json::parse(R"({"kind": "PodList", "items": [{"metadata": {"uid": "p-2"}}]})"));
  CHECK(lab.plan());
  lab.serves(deployment());
  for (int page = 0; page < 5; ++page)
    lab.serves(Json::parse(R"({"kind": "PodList", "metadata": {"continue": "c"}, "items": []})"));
  CHECK(lab.plan().error().code == Errc::TooLarge);

  Lab own(kPod);
  own.host.write(
      "self/cgroup",
      "0::/kubepods.slice/kubepods-burstable-pod5a1c0c8e_0000_4000_8000_000000000001.slice");
  CHECK_THAT(own.refusal(changed(pod(), R"({"metadata": {"uid":
    "5a1c0c8e-0000-4000-8000-000000000001"}})")),
             Catch::EndsWith("is the remediator's own"));
}

TEST_CASE("kubernetes_restart: a world that differs from the plan is left alone") {
  Lab lab;
  const core::Plan plan = lab.planned(deployment());
  for (const char* change :
       {R"({"metadata": {"uid": "u-2"}})", R"({"metadata": {"resourceVersion": "78"}})"}) {
    INFO(change);
    lab.serves(changed(deployment(), change));
    CHECK(lab.apply(plan).outcome == Applied::WorldDiffers);
  }
  lab.http.answer(404, status(404, "NotFound"));
  CHECK(lab.apply(plan).outcome == Applied::WorldDiffers);
  lab.clock.advance(29'500ms);
  lab.serves(deployment());
  CHECK(lab.apply(plan).outcome == Applied::WorldDiffers);  // no second is left
  for (const auto& request : lab.http.sent()) CHECK(request.method == "GET");
}

TEST_CASE("kubernetes_restart: each answer to the patch has its outcome") {
  struct Case {
    Result<HttpResponse> answer;
    Applied outcome;
  };
  const Case cases[] = {
      {HttpResponse{403, status(403, "Forbidden"), {}}, Applied::Refused},
      {HttpResponse{404, status(404, "NotFound"), {}}, Applied::WorldDiffers},
      {HttpResponse{409, status(409, "Conflict"), {}}, Applied::WorldDiffers},
      {HttpResponse{422, status(422, "Invalid"), {}}, Applied::Refused},
      {HttpResponse{429, status(429, "TooManyRequests"), {}}, Applied::Refused},
      {HttpResponse{500, status(500, "InternalError"), {}}, Applied::Unknown},
      {HttpResponse{504, "", {}}, Applied::Unknown},
      {fail(Errc::Timeout, "no answer"), Applied::Unknown},
      {fail(Errc::Cancelled, "told to stop"), Applied::Unknown},
      {fail(Errc::Unavailable, "refused"), Applied::Refused},
      {HttpResponse{200, deployment().dump(), {}}, Applied::Unknown},  // it lies
      {HttpResponse{200, "{}", {}}, Applied::Unknown},
  };
  for (const Case& wanted : cases) {
    Lab lab;
    const core::Plan plan = lab.planned(deployment());
    lab.serves(deployment());
    lab.http.answer(wanted.answer);
    const ApplyAnswer got = lab.apply(plan);
    INFO(got.evidence);
    CHECK(got.outcome == wanted.outcome);
  }
  Lab stopped;
  const core::Plan plan = stopped.planned(deployment());
  stopped.stop.request_stop();
  stopped.serves(deployment());
  CHECK(stopped.apply(plan).outcome == Applied::Refused);
  CHECK(stopped.http.sent().size() == 2);
}

TEST_CASE("kubernetes_restart: a lost answer is settled by what is there") {
  Lab lab;
  const core::Plan plan = lab.planned(deployment());
  const auto confirm = [&](const Json& object) {
    lab.serves(object);
    return lab.confirm(plan).answer;
  };
  CHECK(confirm(deployment()) == Confirmed::InProgress);  // it may still come
  lab.clock.advance(39s);
  CHECK(confirm(deployment()) == Confirmed::InProgress);
  lab.clock.advance(1s);
  CHECK(confirm(deployment()) == Confirmed::NotApplied);
  CHECK(confirm(changed(deployment(), R"({"metadata": {"resourceVersion": "78"}})")) ==
        Confirmed::NotApplied);
  CHECK(confirm(changed(restarted(), R"({"metadata": {"uid": "u-2"}})")) == Confirmed::NotApplied);
  CHECK(confirm(changed(restarted(), R"({"status": {"conditions": [{"type": "Progressing",
    "reason": "ProgressDeadlineExceeded"}]}})")) == Confirmed::NotApplied);
  lab.http.answer(404, status(404, "NotFound"));
  CHECK(lab.confirm(plan).answer == Confirmed::NotApplied);
  lab.http.answer(404, "404 page not found");
  CHECK(lab.confirm(plan).answer == Confirmed::Unknown);
  lab.http.answer(403, status(403, "Forbidden"));
  CHECK(lab.confirm(plan).answer == Confirmed::Unknown);
  lab.http.answer(fail(Errc::NotFound, "no address"));
  CHECK(lab.confirm(plan).answer == Confirmed::Unknown);
}

TEST_CASE("kubernetes_restart: a pod is evicted once, and its controller makes up for it") {
  Lab lab(kPod);
  lab.arguments["grace"] = 5;
  const core::Plan plan = lab.planned(pod());
  CHECK(plan.summary == "evict pod/orders-0 in collect, which is not ready");
  CHECK(plan.resources ==
        std::vector<std::string>{"host/lab/kubernetes/collect/replicaset/orders-5d/orders-0",
                                 "host/lab/process/orders"});
  lab.serves(pod());
  lab.http.answer(201, R"({"kind": "Status", "status": "Success"})");
  CHECK(lab.apply(plan).outcome == Applied::Done);
  CHECK(Json::parse(lab.http.sent().back().body) == Json::parse(R"({
    "apiVersion": "policy/v1", "kind": "Eviction",
    "metadata": {"name": "orders-0", "namespace": "collect"},
    "deleteOptions": {"preconditions": {"uid": "p-1", "resourceVersion": "80"},
                      "gracePeriodSeconds": 5}})"));

  const Json ending = changed(pod(), R"({"metadata": {"deletionTimestamp": "t"}})");
  lab.serves(ending);
  CHECK(lab.confirm(plan).answer == Confirmed::InProgress);
  lab.serves(ending);
  CHECK(lab.apply(plan).outcome == Applied::WorldDiffers);
  lab.http.answer(404, status(404, "NotFound"));
  lab.serves(owner(2));  // it has not seen yet that the pod is gone
  CHECK(lab.confirm(plan).answer == Confirmed::InProgress);
  lab.http.answer(404, status(404, "NotFound"));
  lab.serves(owner(1, "61"));
  CHECK(lab.confirm(plan).answer == Confirmed::InProgress);
  Json next = changed(pod(), R"({"metadata": {"uid": "p-2"}})");  // a stateful set's
  lab.serves(next);
  lab.serves(owner(2, "62"));
  CHECK(lab.confirm(plan).answer == Confirmed::InProgress);  // not ready
  next["status"]["conditions"] = Json::parse(R"([{"type": "Ready", "status": "True"}])");
  lab.serves(next);
  lab.serves(owner(2, "62"));
  CHECK(lab.confirm(plan).answer == Confirmed::Applied);
  lab.serves(changed(pod(), R"({"metadata": {"uid": "p-2"}})"));
  CHECK(lab.apply(plan).outcome == Applied::WorldDiffers);
  lab.http.answer(404, status(404, "NotFound"));
  lab.http.answer(404, status(404, "NotFound"));
  CHECK(lab.confirm(plan).answer == Confirmed::NotApplied);
  // The eviction's own condition makes another version before the pod is deleted.
  const Json written_to = changed(pod(), R"({"metadata": {"resourceVersion": "81"}})");
  lab.serves(written_to);
  CHECK(lab.confirm(plan).answer == Confirmed::InProgress);
  lab.serves(pod());
  CHECK(lab.confirm(plan).answer == Confirmed::InProgress);
  lab.clock.advance(40s);
  lab.serves(written_to);
  CHECK(lab.confirm(plan).answer == Confirmed::NotApplied);
  lab.serves(pod());
  CHECK(lab.confirm(plan).answer == Confirmed::NotApplied);
}

TEST_CASE("kubernetes_restart: a stateful set's pod is made up for when its name is there again") {
  Lab lab(kPod);
  Json set = owner(2);
  set["kind"] = "StatefulSet";
  Json first = pod();
  first["metadata"]["ownerReferences"][0]["kind"] = "StatefulSet";
  lab.serves(first);
  lab.serves(set);
  const auto plan = lab.plan();
  REQUIRE(plan);
  const auto confirm = [&](int wanted) {
    lab.http.answer(404, status(404, "NotFound"));
    set["metadata"]["resourceVersion"] = "61";  // and counts the one that is gone
    set["spec"]["replicas"] = wanted;
    lab.serves(set);
    return lab.confirm(*plan).answer;
  };
  CHECK(confirm(2) == Confirmed::InProgress);
  CHECK(confirm(1) == Confirmed::InProgress);
  CHECK(confirm(0) == Confirmed::Applied);  // scaled down meanwhile: none comes
}

TEST_CASE("kubernetes_restart: a budget that forbids is a refusal that is told") {
  Lab lab(kPod);
  const core::Plan plan = lab.planned(pod());
  lab.serves(pod());
  lab.http.answer(429, R"({"kind": "Status", "message": "m", "details": {"causes": [
    {"reason": "DisruptionBudget", "message": "needs 2 healthy pods and has 2 currently"}]}})");
  const ApplyAnswer refused = lab.apply(plan);
  CHECK(refused.outcome == Applied::Refused);
  CHECK_THAT(refused.evidence, Catch::Contains("forbids it now: needs 2 healthy pods"));
}

TEST_CASE("kubernetes_restart: pods that nobody would make anew are left alone") {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"metadata": {"ownerReferences": null}})", "has no controller"},
      {R"({"metadata": {"ownerReferences": [{"kind": "Job", "name": "j", "controller": true}]}})",
       "belongs to a Job"},
      {R"({"metadata": {"annotations": {"kubernetes.io/config.mirror": "x"}}})", "of a file"},
      {R"({"metadata": {"deletionTimestamp": "t"}})", "is ending already"},
  };
  for (const auto& [change, why] : cases) {
    INFO(change);
    Lab lab(kPod);
    CHECK_THAT(lab.refusal(changed(pod(), change)), Catch::Contains(why));
  }
}

TEST_CASE("kubernetes_restart: an alert names a pod only among those that are meant") {
  Lab lab;
  lab.arguments = Json::parse(R"({"kind": "pod", "name": "{{ labels.pod }}",
    "namespace": "collect", "selector": {"app": "orders"}, "grace": -1})");
  lab.serves(pod());
  lab.serves(owner(2));
  CHECK(lab.plan({{"pod", "orders-0"}}));
  lab.serves(changed(pod(), R"({"metadata": {"labels": {"app": "billing"}}})"));
  CHECK_THAT(lab.plan({{"pod", "orders-0"}}).error().message,
             Catch::Contains("has no label app=orders"));
  for (const char* hostile : {"../secrets", "a/b", "A", "", "orders-0?x"}) {
    INFO(hostile);
    CHECK(lab.plan({{"pod", hostile}}).error().code == Errc::Invalid);
  }
  CHECK(lab.plan().error().code == Errc::Invalid);
  CHECK(lab.http.sent().size() == 3);

  lab.arguments["selector"] = Json::object();
  CHECK(lab.make().error().code == Errc::Invalid);
}

TEST_CASE("kubernetes_restart: without a workload, or a cluster, there is nothing to do it to") {
  Lab lab;
  lab.workload.reset();
  CHECK(lab.plan().error().code == Errc::NotFound);
  const auto elsewhere =
      lab.make().value()->plan({{core::TargetKind::Collector, "orders", "other", "local"}, {}}, {});
  REQUIRE_FALSE(elsewhere);
  CHECK_THAT(elsewhere.error().message, Catch::Contains("reached through Kubernetes"));
  const core::Plan strange{.steps = {{.name = "x", .seen = R"({"kind": "pod"})", .wanted = "{}"}},
                           .resources = {},
                           .summary = {}};
  CHECK(lab.apply(strange).outcome == Applied::Refused);
  CHECK(lab.confirm(strange).answer == Confirmed::Unknown);
}

}  // namespace fieldmedic
