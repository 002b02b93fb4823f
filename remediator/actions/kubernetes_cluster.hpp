// What the actions on a Kubernetes cluster share. Internal to actions/.
#pragma once

#include <stop_token>
#include <string>

#include "remediator/actions/action.hpp"
#include "remediator/reach/workload.hpp"

namespace fieldmedic {

// The cluster that the target's host is; valid as long as the tools. Errc::Invalid: it is none.
[[nodiscard]] Result<const KubernetesClient*> cluster_of(const ActionTools& tools,
                                                         const core::Target& target);

[[nodiscard]] Result<Workload> workload_in(const KubernetesClient& cluster,
                                           const WorkloadName& name, const std::stop_token& stop);

// "host/cluster-a/kubernetes/collect/deployment/orders"
[[nodiscard]] std::string workload_resource(const core::Target& target, const WorkloadName& name);

}  // namespace fieldmedic
