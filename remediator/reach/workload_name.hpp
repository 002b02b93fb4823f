// What is named in a Kubernetes cluster, and where its API serves it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fieldmedic {

enum class WorkloadKind { Deployment, StatefulSet, DaemonSet, Pod };

// As a configuration writes it: "deployment".
[[nodiscard]] constexpr std::string_view to_string(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::Deployment: return "deployment";
    case WorkloadKind::StatefulSet: return "statefulset";
    case WorkloadKind::DaemonSet: return "daemonset";
    case WorkloadKind::Pod: return "pod";
  }
  return "invalid";
}
[[nodiscard]] std::optional<WorkloadKind> workload_kind(std::string_view word);

// As the API writes it: "Deployment".
[[nodiscard]] constexpr std::string_view api_kind(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::Deployment: return "Deployment";
    case WorkloadKind::StatefulSet: return "StatefulSet";
    case WorkloadKind::DaemonSet: return "DaemonSet";
    case WorkloadKind::Pod: return "Pod";
  }
  return "invalid";
}

struct WorkloadName {
  WorkloadKind kind = WorkloadKind::Deployment;
  std::string name{};
  std::string name_space{};

  // "deployment/orders in collect", for people.
  [[nodiscard]] std::string text() const;
  // "/apis/apps/v1/namespaces/collect/deployments/orders"; the names must be valid ones.
  [[nodiscard]] std::string path() const;

  friend bool operator==(const WorkloadName&, const WorkloadName&) = default;
};

// A DNS-1123 subdomain, as names of workloads and pods are.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
[[nodiscard]] bool is_object_name(std::string_view name);
// A DNS-1123 label.
[[nodiscard]] bool is_namespace_name(std::string_view name);

}  // namespace fieldmedic
