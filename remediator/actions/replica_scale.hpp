// scale_out by the replicas of a deployment or stateful set of a Kubernetes cluster: one step, the
// absolute count. Internal to actions/.
//
// seen    {"kind": "deployment", "namespace": "collect", "name": "orders", "uid": "5a…",
//          "resource_version": "4711", "planned_at_ms": 1795792354249, "replicas": 2}
// wanted  {"uid": "5a…", "replicas": 3}
#pragma once

#include <memory>

#include "remediator/actions/action.hpp"
#include "remediator/actions/scale_choice.hpp"
#include "remediator/reach/workload_name.hpp"

namespace fieldmedic {

// No namespace in `name`: that of the host's reach. Where an autoscaler owns the count nothing is
// done. The undo goes back to the count that the plan saw, while it is still the one that was
// wanted.
[[nodiscard]] std::unique_ptr<Action> make_replica_scale(WorkloadName name, ScaleTerms terms,
                                                         const ActionTools& tools);

}  // namespace fieldmedic
