// That the server of the tests is as strict as the real one: the same holds against either.
#include "remediator/reach/kubernetes_client.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/any_kubernetes.hpp"
#include "tests/fakes/kubernetes_objects.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

}  // namespace

TEST_CASE("kubernetes: what a change must not say is refused by the server") {
  const auto lab = any_kubernetes();
  const std::string space = lab->name_space();
  lab->has(workload("Deployment"));
  const std::string pod = lab->pod_of(workload("ReplicaSet"));
  const KubernetesClient client(lab->access(), lab->http());
  const WorkloadName name{WorkloadKind::Deployment, "orders", space};
  const WorkloadName one{WorkloadKind::Pod, pod, space};
  const auto refusal = [](const Result<std::string>& answer) {
    REQUIRE_FALSE(answer);
    INFO(answer.error().message);
    return answer.error();
  };
  const auto patch = [&](const Json& body) {
    return refusal(client.patch(name, body.dump(), 20s, {}));
  };
  const auto evict = [&](const Json& more) {
    Json body{{"apiVersion", "policy/v1"}, {"kind", "Eviction"}, {"metadata", {{"name", pod}}}};
    body.update(more);
    return refusal(client.evict(one, body.dump(), 20s, {}));
  };
  const auto in_template = [](const Json& metadata) {
    return Json{{"spec", {{"template", {{"metadata", metadata}}}}}};
  };
  CHECK_THAT(patch(in_template({{"annotation", Json::object()}})).message,
             Catch::Contains("unknown field \"spec.template.metadata.annotation\""));
  CHECK(patch(in_template({{"annotations", {{"a", 1}}}})).code == Errc::Invalid);
  CHECK(patch({{"metadata", {{"resourceVersion", "1"}}}}).code == Errc::Conflict);
  CHECK(patch({{"metadata", {{"uid", "another"}, {"resourceVersion", "1"}}}}).code ==
        Errc::Conflict);
  CHECK_THAT(patch({{"metadata", {{"uid", "another"}}}}).message, Catch::Contains("422 Invalid"));
  CHECK_THAT(evict({{"deleteOption", Json::object()}}).message, Catch::Contains("400 BadRequest"));
  CHECK(evict({{"deleteOptions", {{"preconditions", {{"uid", "another"}}}}}}).code ==
        Errc::Conflict);
  CHECK(evict({{"apiVersion", "v1"}}).code == Errc::Invalid);
  CHECK(refusal(client.get("/apis/apps/v2/namespaces/" + space + "/deployments/orders", "x", {}))
            .code == Errc::Invalid);
  const Json told = lab->told();
  CHECK(told["restarts"].empty());
  CHECK(told["evictions"].empty());
}

}  // namespace fieldmedic
