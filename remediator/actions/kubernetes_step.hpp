// The one step of kubernetes_restart, as it is journaled. Internal to actions/.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "remediator/core/plan.hpp"
#include "remediator/reach/workload_name.hpp"

namespace fieldmedic {

struct KubernetesStep {
  WorkloadName name{};
  std::string uid{};
  std::string version{};  // resourceVersion
  WallTime planned_at{};
  std::string owner_kind{};  // of a pod's controller, as the next
  std::string owner_name{};
  std::string owner_version{};     // resourceVersion; empty in journals of before
  std::chrono::seconds grace{-1};  // of an eviction; negative: the pod's own
};

[[nodiscard]] core::Step write_step(const KubernetesStep& step);
// Errc::Invalid: it is none.
[[nodiscard]] Result<KubernetesStep> read_kubernetes_step(const core::Step& step);

}  // namespace fieldmedic
