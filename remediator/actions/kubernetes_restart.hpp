// kubernetes_restart {kind: deployment, name: orders, namespace: collect}: restarts the pods of a
// deployment, stateful set or daemon set; with kind pod, evicts that pod, so that its controller
// makes a new one. Without `name`, what the inventory gives for the collector. The host is one that
// is reached through Kubernetes.
//
// seen    {"kind": "deployment", "namespace": "collect", "name": "orders", "uid": "5a…",
//          "resource_version": "4711", "planned_at_ms": 1795792354249}   of a pod also its
//         "owner_kind", "owner" and "grace"
// wanted  {"uid": "5a…", "annotation": "fieldmedic/restarted-by", "value": "the attempt"}
//         {"uid": "5a…", "pod": "replaced"}
//
// The attempt's id is the annotation's value: the same patch once more changes nothing, and it
// tells whether this attempt's restart is there. uid and resource version of the plan go with the
// change: the server makes it to this object as the plan saw it, or not at all.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/actions/action.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_kubernetes_restart(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Action>> make_kubernetes_restart(const std::string& arguments,
                                                                      const ActionTools& tools);

}  // namespace fieldmedic
