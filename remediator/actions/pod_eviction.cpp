#include "remediator/actions/pod_eviction.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/change_time.hpp"
#include "remediator/actions/rollout_restart.hpp"
#include "remediator/reach/own_pod.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;

struct Controller {
  std::string_view kind;
  std::string_view resource;  // in paths
};

// Those that make a pod anew. A Job counts an evicted pod as failed.
constexpr std::array kControllers{Controller{"ReplicaSet", "replicasets"},
                                  Controller{"StatefulSet", "statefulsets"},
                                  Controller{"DaemonSet", "daemonsets"}};

struct OwnerName {
  const std::string& kind;
  const std::string& name;
};

const Controller* controller_of(std::string_view kind) {
  const auto* const found = std::ranges::find(kControllers, kind, &Controller::kind);
  return found == kControllers.end() ? nullptr : found;
}

Status may_evict(const Pod& pod, const PodSelector& selector, const HostRoot& host) {
  const auto refuse = [&](std::string_view why) {
    return fail(Errc::Conflict, fmt::format("{} {}", pod.name.text(), why));
  };
  for (const auto& [key, value] : selector) {
    const auto label = pod.labels.find(key);
    if (label == pod.labels.end() || label->second != value)
      return refuse(fmt::format("has no label {}={}: it is none of those meant", key, value));
  }
  if (pod.being_deleted) return refuse("is ending already");
  if (pod.mirror) return refuse("is of a file on its node: evicting it restarts nothing");
  if (pod.owner_kind.empty()) return refuse("has no controller: nobody would make it anew");
  if (controller_of(pod.owner_kind) == nullptr)
    return refuse(fmt::format("belongs to a {}, which makes no like of it", pod.owner_kind));
  if (is_own_pod(traces_of_own_pod(host), pod.uid)) return refuse("is the remediator's own");
  return {};
}

Result<Pod> read(const KubernetesClient& cluster, const WorkloadName& name,
                 const std::stop_token& stop) {
  const auto body = cluster.get(name, stop);
  if (!body) return fail(body.error());
  return read_pod(name, *body);
}

// The uid keeps a stateful set's next pod of this name alive.
std::string eviction_of(const KubernetesStep& step) {
  Json options{{"preconditions", {{"uid", step.uid}, {"resourceVersion", step.version}}}};
  if (step.grace.count() >= 0) options["gracePeriodSeconds"] = step.grace.count();
  const Json eviction{{"apiVersion", "policy/v1"},
                      {"kind", "Eviction"},
                      {"metadata", {{"name", step.name.name}, {"namespace", step.name.name_space}}},
                      {"deleteOptions", options}};
  return eviction.dump();
}

Result<ReadyCount> count_of(const KubernetesClient& cluster, const OwnerName& owner,
                            const std::string& name_space, const std::stop_token& stop) {
  const Controller* const controller = controller_of(owner.kind);
  if (controller == nullptr || !is_object_name(owner.name))
    return fail(Errc::Invalid, "it names no controller of the pod");
  const auto body = cluster.get(fmt::format("/apis/apps/v1/namespaces/{}/{}/{}", name_space,
                                            controller->resource, owner.name),
                                fmt::format("get {} {}", owner.kind, owner.name), stop);
  if (!body) return fail(body.error());
  return read_ready_count(owner.kind, *body);
}

// Whether a pod of this name comes again: a stateful set's, unless it was scaled or renumbered.
bool comes_again(const KubernetesStep& step, const ReadyCount& count) {
  const std::string& name = step.name.name;
  const auto dash = name.rfind('-');
  if (step.owner_kind != api_kind(WorkloadKind::StatefulSet) || dash == std::string::npos)
    return false;
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(name.data() + dash + 1, name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() && number >= count.first &&
         number - count.first < count.wanted;
}

// The pod is gone: whether its controller has made up for it. `next` is the one that has its name
// now, if one has.
ConfirmAnswer confirm_replaced(const KubernetesClient& cluster, const KubernetesStep& step,
                               const Pod* next, const std::stop_token& stop) {
  const auto count =
      count_of(cluster, {step.owner_kind, step.owner_name}, step.name.name_space, stop);
  const std::string owner = fmt::format("{} {}", step.owner_kind, step.owner_name);
  if (!count && count.error().code == Errc::NotFound)
    return {Confirmed::NotApplied,
            fmt::format("{} is gone, and so is its {}", step.name.text(), owner)};
  if (!count) return {Confirmed::Unknown, count.error().message};
  std::string evidence = fmt::format("{} is gone; {} of {} pods of its {} are ready",
                                     step.name.text(), count->ready, count->wanted, owner);
  if (next != nullptr ? !next->ready : comes_again(step, *count))
    return {Confirmed::InProgress, evidence + ", the next of its name is not"};
  // As long as it says what it said before, it counts the pod that is gone.
  if (!step.owner_version.empty() && count->version == step.owner_version)
    return {Confirmed::InProgress, evidence + ", as it was before"};
  return {count->ready >= count->wanted ? Confirmed::Applied : Confirmed::InProgress,
          std::move(evidence)};
}

}  // namespace

Result<OwnedPod> look_at_pod(const KubernetesClient& cluster, const WorkloadName& name,
                             const PodSelector& selector, const HostRoot& host,
                             const std::stop_token& stop) {
  auto pod = read(cluster, name, stop);
  if (!pod) return fail(pod.error());
  if (auto may = may_evict(*pod, selector, host); !may) return fail(may.error());
  auto count = count_of(cluster, {pod->owner_kind, pod->owner_name}, name.name_space, stop);
  if (!count) return fail(count.error());
  return OwnedPod{std::move(*pod), std::move(count->version)};
}

ApplyAnswer evict_pod(const KubernetesClient& cluster, const KubernetesStep& step,
                      const ApplyRequest& request, const Clock& clock,
                      const std::stop_token& stop) {
  const auto pod = read(cluster, step.name, stop);
  if (!pod && pod.error().code == Errc::NotFound)
    return {Applied::WorldDiffers, pod.error().message};
  if (!pod) return {Applied::Refused, pod.error().message};
  if (pod->uid != step.uid)
    return {Applied::WorldDiffers, step.name.text() + " is another one by now"};
  if (pod->being_deleted) return {Applied::WorldDiffers, step.name.text() + " is ending already"};
  if (pod->version != step.version)
    return {Applied::WorldDiffers, step.name.text() + " changed since the plan"};
  const auto time = time_for_change(step.planned_at, clock.wall(), request.timeout);
  if (time.count() == 0) return {Applied::WorldDiffers, "too much time has passed since the plan"};
  if (stop.stop_requested()) return cancelled_before_change();
  const auto body = cluster.evict(step.name, eviction_of(step), time, stop);
  if (!body) return answer_to(body.error());
  return {Applied::Done, step.name.text() + " is evicted"};
}

ConfirmAnswer confirm_eviction(const KubernetesClient& cluster, const KubernetesStep& step,
                               const Clock& clock, const std::stop_token& stop) {
  const auto pod = read(cluster, step.name, stop);
  const bool gone = !pod && pod.error().code == Errc::NotFound;
  if (!pod && !gone) return {Confirmed::Unknown, pod.error().message};
  if (gone) return confirm_replaced(cluster, step, nullptr, stop);
  if (pod->uid != step.uid) return confirm_replaced(cluster, step, &*pod, stop);
  if (pod->being_deleted) return {Confirmed::InProgress, step.name.text() + " is ending"};
  // Another version than the plan's does not exclude it: the server's eviction itself first writes
  // the condition DisruptionTarget, and deletes after that.
  if (may_still_come(step.planned_at, clock.wall()))
    return {Confirmed::InProgress, step.name.text() + " is there, the eviction may still come"};
  return {Confirmed::NotApplied, step.name.text() + " was not evicted"};
}

}  // namespace fieldmedic
