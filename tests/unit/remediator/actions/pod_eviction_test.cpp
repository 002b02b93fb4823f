// kubernetes_restart of one pod: its eviction.
#include "remediator/actions/pod_eviction.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/kubernetes_action_lab.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using Lab = KubernetesActionLab;
using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

}  // namespace

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

TEST_CASE("kubernetes_restart: a stateful set may number its pods from above 0") {
  struct {
    const char* pod;
    int start;
    Confirmed want;  // of two pods, both said to be ready, while none has the name
  } const cases[] = {
      {"orders-4", 5, Confirmed::Applied},  // renumbered meanwhile: none comes
      {"orders-5", 5, Confirmed::InProgress}, {"orders-6", 5, Confirmed::InProgress},
      {"orders-7", 5, Confirmed::Applied},    {"orders-0", 5, Confirmed::Applied},
      {"orders-1", 0, Confirmed::InProgress},
  };
  for (const auto& one : cases) {
    INFO(one.pod << " of those from " << one.start);
    Lab lab(WorkloadName{WorkloadKind::Pod, one.pod, "collect"});
    Json set = owner(2);
    set["kind"] = "StatefulSet";
    set["spec"]["ordinals"] = {{"start", one.start}};
    Json first = pod();
    first["metadata"]["name"] = one.pod;
    first["metadata"]["ownerReferences"][0]["kind"] = "StatefulSet";
    lab.serves(first);
    lab.serves(set);
    const auto plan = lab.plan();
    REQUIRE(plan);
    lab.http.answer(404, status(404, "NotFound"));
    set["metadata"]["resourceVersion"] = "61";
    lab.serves(set);
    CHECK(lab.confirm(*plan).answer == one.want);
  }
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

}  // namespace fieldmedic
