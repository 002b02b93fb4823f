// Objects of a cluster as people write them: whole, so that a real API server takes them too.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace fieldmedic {

inline nlohmann::json kubernetes_object(const char* version, const char* kind,
                                        const nlohmann::json& spec) {
  return {
      {"apiVersion", version}, {"kind", kind}, {"metadata", {{"name", "orders"}}}, {"spec", spec}};
}

// A Deployment, StatefulSet, DaemonSet or ReplicaSet "orders".
inline nlohmann::json workload(const std::string& kind, int replicas = 2) {
  const nlohmann::json labels{{"app", "orders"}};
  const nlohmann::json container{{"name", "orders"}, {"image", "orders:1"}};
  nlohmann::json spec{
      {"selector", {{"matchLabels", labels}}},
      {"template", {{"metadata", {{"labels", labels}}}, {"spec", {{"containers", {container}}}}}}};
  if (kind != "DaemonSet") spec["replicas"] = replicas;
  if (kind == "StatefulSet") spec["serviceName"] = "orders";
  return kubernetes_object("apps/v1", kind.c_str(), spec);
}

// None of its pods becomes ready once it was restarted.
inline nlohmann::json never_ready_again() {
  nlohmann::json json = workload("Deployment");
  json["spec"]["template"]["metadata"]["labels"]["test/never-ready"] = "true";
  json["spec"]["progressDeadlineSeconds"] = 5;
  return json;
}

inline nlohmann::json disruption_budget(const char* name, int min_available) {
  nlohmann::json json = kubernetes_object(
      "policy/v1", "PodDisruptionBudget",
      {{"minAvailable", min_available}, {"selector", {{"matchLabels", {{"app", "orders"}}}}}});
  json["metadata"]["name"] = name;
  return json;
}

inline nlohmann::json autoscaler() {
  return kubernetes_object(
      "autoscaling/v2", "HorizontalPodAutoscaler",
      {{"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "orders"}}},
       {"minReplicas", 2},
       {"maxReplicas", 4}});
}

}  // namespace fieldmedic
