// Requests to the API server of one Kubernetes cluster.
// https://kubernetes.io/docs/reference/using-api/api-concepts/
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/http_client.hpp"
#include "common/result.hpp"
#include "remediator/reach/inventory.hpp"
#include "remediator/reach/kubernetes_access.hpp"
#include "remediator/reach/workload_name.hpp"

namespace fieldmedic {

// Thread-safe. `http` must outlive it. Errors are those of explain_refusal() and of HttpClient;
// none of them holds the token, also where the server sends it back.
class KubernetesClient {
 public:
  KubernetesClient(KubernetesAccess access, HttpClient& http);

  // The object as JSON.
  [[nodiscard]] Result<std::string> get(const WorkloadName& name,
                                        const std::stop_token& stop) const;
  // As get(), of a path of the API; `asked` is said of it in errors.
  [[nodiscard]] Result<std::string> get(const std::string& path, std::string_view asked,
                                        const std::stop_token& stop) const;

  // The uids of the pods that a labelSelector selects. TooLarge: there are more than 2000.
  [[nodiscard]] Result<std::vector<std::string>> pod_uids(const std::string& name_space,
                                                          const std::string& selector,
                                                          const std::stop_token& stop) const;

  // A strategic merge patch: the object as it is afterwards. Unknown fields are refused (400, 422).
  // The server gives up after `timeout` too, so that nothing is changed later than that.
  [[nodiscard]] Result<std::string> patch(const WorkloadName& name, const std::string& body,
                                          std::chrono::milliseconds timeout,
                                          const std::stop_token& stop) const;

  // Creates the eviction of a pod, as patch(). Unavailable also when a disruption budget forbids
  // it: then the message names the budget.
  [[nodiscard]] Result<std::string> evict(const WorkloadName& pod, const std::string& body,
                                          std::chrono::milliseconds timeout,
                                          const std::stop_token& stop) const;

  [[nodiscard]] const std::string& name_space() const { return access_.name_space; }

 private:
  struct Call {
    std::string method = "GET";
    std::string path;
    std::string asked;
    std::string content_type{};
    std::string body{};
    std::chrono::milliseconds timeout{5'000};
  };
  [[nodiscard]] Result<std::string> send(const Call& call, const std::stop_token& stop) const;
  [[nodiscard]] Result<Secret> token() const;

  KubernetesAccess access_;
  HttpClient& http_;
};

// The hosts that are reached through Kubernetes, by name; values are never null.
using KubernetesHosts = std::map<std::string, std::shared_ptr<const KubernetesClient>, std::less<>>;

[[nodiscard]] std::shared_ptr<const KubernetesHosts> make_kubernetes_hosts(
    const Inventory& inventory, HttpClient& http);

}  // namespace fieldmedic
