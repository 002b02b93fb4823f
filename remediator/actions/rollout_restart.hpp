// Restarts the pods of a deployment, stateful set or daemon set by an annotation of its pod
// template. Internal to actions/.
#pragma once

#include <stop_token>

#include "remediator/actions/action.hpp"
#include "remediator/actions/kubernetes_step.hpp"
#include "remediator/reach/workload.hpp"

namespace fieldmedic {

// What plan needs of it. Errors as those of Action::plan.
[[nodiscard]] Result<Workload> look_at_workload(const KubernetesClient& cluster,
                                                const WorkloadName& name, const HostRoot& host,
                                                const std::stop_token& stop);

[[nodiscard]] ApplyAnswer restart_workload(const KubernetesClient& cluster,
                                           const KubernetesStep& step, const ApplyRequest& request,
                                           const Clock& clock, const std::stop_token& stop);

[[nodiscard]] ConfirmAnswer confirm_restart(const KubernetesClient& cluster,
                                            const KubernetesStep& step,
                                            const core::AttemptId& attempt, const Clock& clock,
                                            const std::stop_token& stop);

// The answer of apply to an error of a change that was asked for.
[[nodiscard]] ApplyAnswer answer_to(const Error& error);

}  // namespace fieldmedic
