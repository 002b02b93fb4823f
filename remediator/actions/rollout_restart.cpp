#include "remediator/actions/rollout_restart.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/change_time.hpp"
#include "remediator/actions/kubernetes_cluster.hpp"
#include "remediator/reach/own_pod.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;

Status refuse(const Workload& workload, std::string_view why) {
  return fail(Errc::Conflict, fmt::format("{} {}", workload.name.text(), why));
}

// Whether a restart would do what it is for.
Status may_restart(const Workload& workload) {
  if (workload.being_deleted) return refuse(workload, "is being deleted");
  if (workload.paused) return refuse(workload, "is paused: nothing would be restarted");
  if (workload.on_delete)
    return refuse(workload, "has the update strategy OnDelete: nothing would be restarted");
  if (workload.held_back > 0)
    return refuse(workload, fmt::format("holds {} pods back by its partition: they would not be "
                                        "restarted",
                                        workload.held_back));
  if (workload.wanted == 0) return refuse(workload, "wants no pods: there is nothing to restart");
  // A rollout on top of one that is under way would be a second restart of what is new already.
  const bool under_way = workload.observed < workload.generation ||
                         workload.updated < workload.wanted || workload.existing > workload.updated;
  if (under_way && !workload.deadline_exceeded)
    return refuse(workload,
                  fmt::format("has a rollout under way ({})", rollout_of(workload).evidence));
  return {};
}

Status not_our_own(const KubernetesClient& cluster, const Workload& workload, const HostRoot& host,
                   const std::stop_token& stop) {
  const std::string traces = traces_of_own_pod(host);
  if (traces.empty()) return {};
  if (workload.selector.empty())
    return refuse(workload, "may be the remediator's own: its selector cannot be read");
  const auto uids = cluster.pod_uids(workload.name.name_space, workload.selector, stop);
  if (!uids) return fail(uids.error());
  if (std::ranges::any_of(*uids, [&](const auto& uid) { return is_own_pod(traces, uid); }))
    return refuse(workload, "is the remediator's own");
  return {};
}

// The uid and version of the plan go with it: the server changes no other object and no other
// state.
std::string patch_of(const KubernetesStep& step, const core::AttemptId& attempt) {
  const Json annotations{{std::string(kRestartAnnotation), attempt}};
  const Json patch{{"metadata", {{"uid", step.uid}, {"resourceVersion", step.version}}},
                   {"spec", {{"template", {{"metadata", {{"annotations", annotations}}}}}}}};
  return patch.dump();
}

}  // namespace

ApplyAnswer answer_to(const Error& error) {
  if (error.code == Errc::Conflict || error.code == Errc::NotFound)
    return {Applied::WorldDiffers, error.message};
  return {nothing_changed(error.code) ? Applied::Refused : Applied::Unknown, error.message};
}

Result<Workload> look_at_workload(const KubernetesClient& cluster, const WorkloadName& name,
                                  const HostRoot& host, const std::stop_token& stop) {
  auto workload = workload_in(cluster, name, stop);
  if (!workload) return workload;
  if (auto may = may_restart(*workload); !may) return fail(may.error());
  if (auto other = not_our_own(cluster, *workload, host, stop); !other) return fail(other.error());
  return workload;
}

ApplyAnswer restart_workload(const KubernetesClient& cluster, const KubernetesStep& step,
                             const ApplyRequest& request, const Clock& clock,
                             const std::stop_token& stop) {
  const auto workload = workload_in(cluster, step.name, stop);
  if (!workload && workload.error().code == Errc::NotFound)
    return {Applied::WorldDiffers, workload.error().message};
  if (!workload) return {Applied::Refused, workload.error().message};
  if (workload->uid != step.uid)
    return {Applied::WorldDiffers, step.name.text() + " is another one by now"};
  if (workload->restarted_by == request.attempt)
    return {Applied::Done, step.name.text() + " was restarted by this attempt before"};
  if (workload->version != step.version)
    return {Applied::WorldDiffers, step.name.text() + " changed since the plan"};
  const auto time = time_for_change(step.planned_at, clock.wall(), request.timeout);
  if (time.count() == 0) return {Applied::WorldDiffers, "too much time has passed since the plan"};
  if (stop.stop_requested()) return cancelled_before_change();
  const auto body = cluster.patch(step.name, patch_of(step, request.attempt), time, stop);
  if (!body) return answer_to(body.error());
  const auto changed = read_workload(step.name, *body);
  if (!changed || changed->restarted_by != request.attempt)
    return {Applied::Unknown,
            step.name.text() + " was patched, but the answer does not show the annotation"};
  return {Applied::Done,
          fmt::format("{} restarts, generation {}", step.name.text(), changed->generation)};
}

ConfirmAnswer confirm_restart(const KubernetesClient& cluster, const KubernetesStep& step,
                              const core::AttemptId& attempt, const Clock& clock,
                              const std::stop_token& stop) {
  const auto workload = workload_in(cluster, step.name, stop);
  if (!workload && workload.error().code == Errc::NotFound)
    return {Confirmed::NotApplied, step.name.text() + " is gone"};
  if (!workload) return {Confirmed::Unknown, workload.error().message};
  if (workload->uid != step.uid)
    return {Confirmed::NotApplied, step.name.text() + " is another one by now"};
  if (workload->restarted_by == attempt) {
    const Rollout rollout = rollout_of(*workload);
    switch (rollout.state) {
      case Rollout::State::Finished: return {Confirmed::Applied, rollout.evidence};
      case Rollout::State::Failed: return {Confirmed::NotApplied, rollout.evidence};
      case Rollout::State::UnderWay:
        return {Confirmed::InProgress,
                rollout.evidence + (workload->paused ? "; it is paused" : "")};
    }
  }
  // The patch names the version of the plan: it cannot be made any more.
  if (workload->version != step.version)
    return {Confirmed::NotApplied, step.name.text() + " has no restart of this attempt"};
  if (may_still_come(step.planned_at, clock.wall()))
    return {Confirmed::InProgress, step.name.text() + " is as it was, the patch may still come"};
  return {Confirmed::NotApplied, step.name.text() + " is as it was"};
}

}  // namespace fieldmedic
