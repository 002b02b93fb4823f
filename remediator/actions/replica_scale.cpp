#include "remediator/actions/replica_scale.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/change_time.hpp"
#include "remediator/actions/kubernetes_cluster.hpp"
#include "remediator/actions/kubernetes_step.hpp"
#include "remediator/actions/rollout_restart.hpp"
#include "remediator/reach/workload.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;

// One change of a count, journaled beside what every step on a cluster has.
struct CountStep {
  KubernetesStep on{};
  std::int64_t from = 0;
  std::int64_t to = 0;
};

core::Step written(const CountStep& step) {
  core::Step text = write_step(step.on);
  text.name = fmt::format("set {} to {} replicas", step.on.name.text(), step.to);
  Json seen = Json::parse(text.seen);
  seen["replicas"] = step.from;
  text.seen = seen.dump();
  text.wanted = Json{{"uid", step.on.uid}, {"replicas", step.to}}.dump();
  return text;
}

Result<CountStep> read_count_step(const core::Step& step) {
  auto on = read_kubernetes_step(step);
  if (!on) return fail(std::move(on.error()));
  const Json seen = Json::parse(step.seen, nullptr, false);
  const Json wanted = Json::parse(step.wanted, nullptr, false);
  const auto number = [](const Json& object) {
    return object.is_object() && object.contains("replicas") &&
           object["replicas"].is_number_integer();
  };
  if (!number(seen) || !number(wanted))
    return fail(Errc::Invalid, "no step of scale_out: it gives no count");
  return CountStep{std::move(*on), seen["replicas"].get<std::int64_t>(),
                   wanted["replicas"].get<std::int64_t>()};
}

// The highest count that the same incident has wanted before; 0: none.
std::int64_t begun(std::span<const core::Plan> made, const std::string& resource) {
  std::int64_t highest = 0;
  for (const core::Plan& plan : made) {
    if (!plan.lease || plan.lease->resource != resource) continue;
    for (const core::Step& step : plan.steps)
      if (const auto read = read_count_step(step)) highest = std::max(highest, read->to);
  }
  return highest;
}

std::string patch_of(const CountStep& step) {
  return Json{{"metadata", {{"uid", step.on.uid}, {"resourceVersion", step.on.version}}},
              {"spec", {{"replicas", step.to}}}}
      .dump();
}

class ReplicaScale final : public Action {
 public:
  ReplicaScale(WorkloadName name, ScaleTerms terms, const ActionTools& tools)
      : name_(std::move(name)), terms_(terms), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto cluster = cluster_of(tools_, request.target);
    if (!cluster) return fail(cluster.error());
    const WorkloadName name = named_in(**cluster);
    const auto workload = workload_in(**cluster, name, stop);
    if (!workload) return fail(workload.error());
    if (workload->being_deleted) return refuse(name, "is being deleted");
    // No load brings a count to none, and one more would undo a person's word.
    if (workload->wanted == 0) return refuse(name, "wants no pods: somebody ended all of it");
    if (auto free = no_autoscaler(**cluster, name, stop); !free) return fail(free.error());
    const std::string resource = resource_of(request.target, name);
    const std::int64_t before = begun(request.made, resource);
    const std::int64_t to =
        before > 0 ? before : std::min<std::int64_t>(workload->wanted + terms_.step, terms_.max);
    if (to <= workload->wanted)
      return refuse(name, fmt::format("wants {} replicas already, at most {} are allowed",
                                      workload->wanted, terms_.max));
    core::Plan plan = plan_of(request.target, *workload, to);
    plan.lease = core::LeaseClaim{resource, core::WhenAway::Nobody};
    plan.summary = fmt::format("scale {} from {} to {} of at most {}", name.text(),
                               workload->wanted, to, terms_.max);
    return plan;
  }

  Result<core::Plan> plan_undo(const UndoRequest& request, std::stop_token stop) override {
    const auto cluster = cluster_of(tools_, request.target);
    if (!cluster) return fail(cluster.error());
    if (request.made.steps.empty()) return fail(Errc::Invalid, "the plan has no step");
    const auto made = read_count_step(request.made.steps.front());
    if (!made) return fail(made.error());
    const WorkloadName& name = made->on.name;
    const auto workload = workload_in(**cluster, name, stop);
    if (!workload) return fail(workload.error());
    if (workload->uid != made->on.uid) return refuse(name, "is another one by now");
    core::Plan nothing;
    nothing.summary = fmt::format("{} wants {} replicas, as before", name.text(), made->from);
    if (workload->wanted == made->from) return nothing;
    if (workload->wanted != made->to)
      return refuse(name, fmt::format("wants {} replicas by now, where {} were left",
                                      workload->wanted, made->to));
    core::Plan plan = plan_of(request.target, *workload, made->from);
    plan.summary = fmt::format("scale {} back to {}", name.text(), made->from);
    return plan;
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const auto cluster = cluster_of(tools_, request.target);
    if (!cluster) return {Applied::Refused, cluster.error().message};
    const auto step = read_count_step(request.plan.steps[request.step]);
    if (!step) return {Applied::Refused, step.error().message};
    const auto workload = workload_in(**cluster, step->on.name, stop);
    if (!workload && workload.error().code == Errc::NotFound)
      return {Applied::WorldDiffers, workload.error().message};
    if (!workload) return {Applied::Refused, workload.error().message};
    if (workload->uid != step->on.uid || workload->version != step->on.version)
      return {Applied::WorldDiffers, step->on.name.text() + " changed since the plan"};
    const auto time = time_for_change(step->on.planned_at, tools_.clock.wall(), request.timeout);
    if (time.count() == 0)
      return {Applied::WorldDiffers, "too much time has passed since the plan"};
    if (stop.stop_requested()) return cancelled_before_change();
    const auto body = (*cluster)->patch(step->on.name, patch_of(*step), time, stop);
    if (!body) return answer_to(body.error());
    const auto changed = read_workload(step->on.name, *body);
    if (!changed || changed->wanted != step->to)
      return {Applied::Unknown, step->on.name.text() +
                                    " was patched, but the answer has another "
                                    "count"};
    return {Applied::Done, fmt::format("{} wants {} replicas", step->on.name.text(), step->to)};
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto cluster = cluster_of(tools_, request.target);
    if (!cluster) return {Confirmed::Unknown, cluster.error().message};
    const auto step = read_count_step(request.plan.steps[request.step]);
    if (!step) return {Confirmed::Unknown, step.error().message};
    const auto workload = workload_in(**cluster, step->on.name, stop);
    if (!workload && workload.error().code == Errc::NotFound)
      return {Confirmed::NotApplied, step->on.name.text() + " is gone"};
    if (!workload) return {Confirmed::Unknown, workload.error().message};
    if (workload->uid != step->on.uid)
      return {Confirmed::NotApplied, step->on.name.text() + " is another one by now"};
    const std::string evidence =
        fmt::format("{} wants {} replicas, has {}, {} ready", step->on.name.text(),
                    workload->wanted, workload->existing, workload->ready);
    if (workload->wanted == step->to) {
      const bool there = workload->observed >= workload->generation &&
                         workload->existing == step->to && workload->ready == step->to;
      return {there ? Confirmed::Applied : Confirmed::InProgress, evidence};
    }
    // The patch names the version of the plan: it cannot be made any more.
    const bool over = workload->version != step->on.version ||
                      !may_still_come(step->on.planned_at, tools_.clock.wall());
    return {over ? Confirmed::NotApplied : Confirmed::InProgress, evidence};
  }

 private:
  static std::unexpected<Error> refuse(const WorkloadName& name, std::string_view why) {
    return fail(Errc::Conflict, fmt::format("{} {}", name.text(), why));
  }

  [[nodiscard]] WorkloadName named_in(const KubernetesClient& cluster) const {
    WorkloadName name = name_;
    if (name.name_space.empty()) name.name_space = cluster.name_space();
    return name;
  }

  [[nodiscard]] static std::string resource_of(const core::Target& target,
                                               const WorkloadName& name) {
    return fmt::format("host/{}/scale/kubernetes/{}/{}/{}", target.host, name.name_space,
                       to_string(name.kind), name.name);
  }

  [[nodiscard]] core::Plan plan_of(const core::Target& target, const Workload& workload,
                                   std::int64_t to) const {
    core::Plan plan;
    plan.resources = {resource_of(target, workload.name), workload_resource(target, workload.name)};
    plan.steps.push_back(written({.on = {.name = workload.name,
                                         .uid = workload.uid,
                                         .version = workload.version,
                                         .planned_at = tools_.clock.wall()},
                                  .from = workload.wanted,
                                  .to = to}));
    return plan;
  }

  // An autoscaler would set the count back at once, and fight with us (S13).
  static Status no_autoscaler(const KubernetesClient& cluster, const WorkloadName& name,
                              const std::stop_token& stop) {
    const auto body = cluster.get(
        fmt::format("/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers?limit=500",
                    name.name_space),
        "list horizontalpodautoscalers in " + name.name_space, stop);
    if (!body) return fail(body.error());
    const auto owner = autoscaler_of(name, *body);
    if (!owner) return fail(owner.error());
    if (owner->empty()) return {};
    return refuse(name, fmt::format("is scaled by the autoscaler {}, which would set it back: "
                                    "change its minReplicas",
                                    *owner));
  }

  WorkloadName name_;
  ScaleTerms terms_;
  ActionTools tools_;
};

}  // namespace

std::unique_ptr<Action> make_replica_scale(WorkloadName name, ScaleTerms terms,
                                           const ActionTools& tools) {
  return std::make_unique<ReplicaScale>(std::move(name), terms, tools);
}

}  // namespace fieldmedic
