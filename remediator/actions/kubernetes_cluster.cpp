#include "remediator/actions/kubernetes_cluster.hpp"

#include <fmt/core.h>

namespace fieldmedic {

Result<const KubernetesClient*> cluster_of(const ActionTools& tools, const core::Target& target) {
  if (tools.clusters != nullptr)
    if (const auto found = tools.clusters->find(target.host); found != tools.clusters->end())
      return found->second.get();
  return fail(Errc::Invalid, fmt::format("it wants a host that is reached through Kubernetes, and "
                                         "{} is not",
                                         core::key_of(target)));
}

Result<Workload> workload_in(const KubernetesClient& cluster, const WorkloadName& name,
                             const std::stop_token& stop) {
  const auto body = cluster.get(name, stop);
  if (!body) return fail(body.error());
  return read_workload(name, *body);
}

std::string workload_resource(const core::Target& target, const WorkloadName& name) {
  return fmt::format("host/{}/kubernetes/{}/{}/{}", target.host, name.name_space,
                     to_string(name.kind), name.name);
}

}  // namespace fieldmedic
