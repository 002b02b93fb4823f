#include "remediator/actions/kubernetes_restart.hpp"

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
