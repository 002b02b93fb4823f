// A Kubernetes API for one test, and what a test does to it from outside. Two there are: the tests'
// own (kubernetes_lab.hpp), and a real one (real_kubernetes.hpp).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/http_client.hpp"
#include "remediator/reach/kubernetes_access.hpp"

namespace fieldmedic {

// Every call returns when the cluster is as it says, and fails the test where that does not come.
class KubernetesPart {
 public:
  using Json = nlohmann::json;

  KubernetesPart() = default;
  virtual ~KubernetesPart() = default;
  KubernetesPart(const KubernetesPart&) = delete;
  KubernetesPart& operator=(const KubernetesPart&) = delete;

  // By which the actions ask.
  [[nodiscard]] virtual HttpClient& http() = 0;
  // Where its objects are: in a namespace of this test alone.
  [[nodiscard]] virtual std::string name_space() const = 0;
  // The remediator's, with the rights of docs/actions.md.
  [[nodiscard]] virtual KubernetesAccess access() = 0;
  // Each kind of credentials that is let in.
  [[nodiscard]] virtual std::vector<KubernetesAccess> let_in() = 0;

  // Makes it, in place of one of its kind and name, and waits until its pods are ready.
  virtual void has(const Json& object) = 0;
  virtual void loses(const std::string& plural, const std::string& name) = 0;
  // One pod of `owner`, which it has from now on.
  [[nodiscard]] virtual std::string pod_of(const Json& owner) = 0;
  // Those that are ready and not ending.
  [[nodiscard]] virtual std::size_t ready_pods() = 0;
  // By somebody else's hand; its controller makes another.
  virtual void ends_pod(const std::string& name) = 0;
  // Until it goes on nothing comes of what is changed, for which a real one takes a moment anyway.
  virtual void controllers_wait() = 0;
  virtual void controllers_go_on() = 0;
  // Takes the verb from the remediator's rights; `resource` as "deployments", "pods/eviction".
  virtual void forbids(const std::string& verb, const std::string& resource) = 0;
  // Of the next request with this method, before or after it is served: "close" breaks off, a
  // number is the status answered, "endless" and "30" (seconds) say when it ends.
  virtual void fails(const std::string& method, const std::string& when, const Json& how) = 0;

  // What the actions changed so far: {"restarts": [the template's annotations], "scales": [counts],
  // "evictions": [one an eviction], "requests": those that were answered}.
  [[nodiscard]] virtual Json told() = 0;
};

}  // namespace fieldmedic
