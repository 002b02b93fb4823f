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
  std::chrono::seconds grace{-1};  // of an eviction; negative: the pod's own
};

[[nodiscard]] core::Step write_step(const KubernetesStep& step);
// Errc::Invalid: it is none.
[[nodiscard]] Result<KubernetesStep> read_kubernetes_step(const core::Step& step);

// Nothing is sent, nor done by the server, later than this after the plan: so that a request whose
// answer was lost is known to be over, also after a crash. A plan that waited for an approval is
// made anew anyway.
inline constexpr std::chrono::seconds kLatestChange{30};

// How long a change of this plan may take from `now` on: at most `timeout`; none when its time is
// over.
[[nodiscard]] std::chrono::milliseconds time_for_change(const KubernetesStep& step, WallTime now,
                                                        std::chrono::milliseconds timeout);
// Whether a request that was sent for it may still be on its way.
[[nodiscard]] bool may_still_come(const KubernetesStep& step, WallTime now);

}  // namespace fieldmedic
