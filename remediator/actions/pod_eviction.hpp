// Ends one pod through the Eviction API, so that its controller makes a new one. Internal to
// actions/.
#pragma once

#include <map>
#include <stop_token>
#include <string>

#include "remediator/actions/action.hpp"
#include "remediator/actions/kubernetes_step.hpp"
#include "remediator/reach/workload.hpp"

namespace fieldmedic {

// Labels that a pod must carry.
using PodSelector = std::map<std::string, std::string, std::less<>>;

struct OwnedPod {
  Pod pod{};
  std::string owner_version{};  // its controller's resourceVersion while the pod is there
};

// What plan needs of it. Errors as those of Action::plan.
[[nodiscard]] Result<OwnedPod> look_at_pod(const KubernetesClient& cluster,
                                           const WorkloadName& name, const PodSelector& selector,
                                           const HostRoot& host, const std::stop_token& stop);

[[nodiscard]] ApplyAnswer evict_pod(const KubernetesClient& cluster, const KubernetesStep& step,
                                    const ApplyRequest& request, const Clock& clock,
                                    const std::stop_token& stop);

// Applied: that pod is gone, and its controller, which has counted again, has as many ready ones as
// it wants.
[[nodiscard]] ConfirmAnswer confirm_eviction(const KubernetesClient& cluster,
                                             const KubernetesStep& step, const Clock& clock,
                                             const std::stop_token& stop);

}  // namespace fieldmedic
