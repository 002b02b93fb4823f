#include "remediator/actions/kubernetes_restart.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/quote.hpp"
#include "remediator/actions/kubernetes_cluster.hpp"
#include "remediator/actions/placeholders.hpp"
#include "remediator/actions/pod_eviction.hpp"
#include "remediator/actions/rollout_restart.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLongestGrace{3'600'000};
constexpr std::size_t kMostLabels = 16;

struct Arguments {
  WorkloadName workload{};  // no name: the collector's; its name is a template
  PodSelector selector{};
  seconds grace{-1};
};

bool names_a_label(const Template& name) {
  return std::ranges::any_of(name.names(),
                             [](const std::string& part) { return part.starts_with("labels."); });
}

Status check(const Arguments& arguments) {
  const WorkloadName& workload = arguments.workload;
  const bool pod = workload.kind == WorkloadKind::Pod;
  if (workload.name.empty()) return {};
  const auto name = parse_placeholders(workload.name);
  if (!name) return fail(Errc::Invalid, "'name': " + name.error().message);
  if (name->names().empty() && !is_object_name(workload.name))
    return fail(Errc::Invalid, fmt::format("'name' wants the name of a Kubernetes object, got {}",
                                           quote(workload.name)));
  // Whoever can send an alert would choose what is restarted.
  if (names_a_label(*name) && (!pod || arguments.selector.empty()))
    return fail(Errc::Invalid,
                "'name' takes labels of the alert for a pod only, and with a "
                "'selector' that says which pods are meant");
  if (!workload.name_space.empty() && !is_namespace_name(workload.name_space))
    return fail(Errc::Invalid, "'namespace' wants the name of a namespace");
  if (!pod && (!arguments.selector.empty() || arguments.grace.count() >= 0))
    return fail(Errc::Invalid, "'selector' and 'grace' are for a pod");
  return {};
}

class KubernetesRestart final : public Action {
 public:
  KubernetesRestart(Arguments arguments, const ActionTools& tools)
      : arguments_(std::move(arguments)), tools_(tools) {}

  Result<core::Plan> plan(const PlanRequest& request, std::stop_token stop) override {
    const auto cluster = cluster_of(tools_, request.target);
    if (!cluster) return fail(cluster.error());
    const auto name = name_of(request, **cluster);
    if (!name) return fail(name.error());
    return name->kind == WorkloadKind::Pod ? plan_eviction(**cluster, request.target, *name, stop)
                                           : plan_restart(**cluster, request.target, *name, stop);
  }

  ApplyAnswer apply(const ApplyRequest& request, std::stop_token stop) override {
    const auto cluster = cluster_of(tools_, request.target);
    if (!cluster) return {core::Applied::Refused, cluster.error().message};
    const auto step = read_kubernetes_step(request.plan.steps[request.step]);
    if (!step) return {core::Applied::Refused, step.error().message};
    return step->name.kind == WorkloadKind::Pod
               ? evict_pod(**cluster, *step, request, tools_.clock, stop)
               : restart_workload(**cluster, *step, request, tools_.clock, stop);
  }

  ConfirmAnswer confirm(const ApplyRequest& request, std::stop_token stop) override {
    const auto cluster = cluster_of(tools_, request.target);
    if (!cluster) return {core::Confirmed::Unknown, cluster.error().message};
    const auto step = read_kubernetes_step(request.plan.steps[request.step]);
    if (!step) return {core::Confirmed::Unknown, step.error().message};
    return step->name.kind == WorkloadKind::Pod
               ? confirm_eviction(**cluster, *step, tools_.clock, stop)
               : confirm_restart(**cluster, *step, request.attempt, tools_.clock, stop);
  }

 private:
  [[nodiscard]] Result<WorkloadName> name_of(const PlanRequest& request,
                                             const KubernetesClient& cluster) const {
    WorkloadName name = arguments_.workload;
    if (name.name.empty()) {
      const CollectorSpec* collector = tools_.inventory->collector(request.target);
      if (collector == nullptr || !collector->workload)
        return fail(Errc::NotFound, fmt::format("the inventory gives no workload for {}",
                                                core::key_of(request.target)));
      name = *collector->workload;
    } else {
      const auto parsed = parse_placeholders(name.name);
      if (!parsed) return fail(parsed.error());
      auto rendered =
          parsed->render([&](std::string_view part) { return placeholder_value(part, request); });
      if (!rendered) return fail(std::move(rendered.error()));
      if (!is_object_name(*rendered))
        return fail(Errc::Invalid, fmt::format("{} can be no name of a Kubernetes object",
                                               quote_hostile(*rendered)));
      name.name = std::move(*rendered);
    }
    if (name.name_space.empty()) name.name_space = cluster.name_space();
    return name;
  }

  [[nodiscard]] core::Plan plan_of(const core::Target& target, const KubernetesStep& step,
                                   const std::string& resource) const {
    core::Plan plan;
    plan.steps.push_back(write_step(step));
    plan.resources.push_back(
        fmt::format("host/{}/kubernetes/{}/{}", target.host, step.name.name_space, resource));
    if (!target.name.empty())  // what another remedy of this collector would touch
      plan.resources.push_back(fmt::format("host/{}/process/{}", target.host, target.name));
    return plan;
  }

  Result<core::Plan> plan_restart(const KubernetesClient& cluster, const core::Target& target,
                                  const WorkloadName& name, const std::stop_token& stop) const {
    const auto workload = look_at_workload(cluster, name, tools_.host, stop);
    if (!workload) return fail(workload.error());
    core::Plan plan = plan_of(target,
                              {.name = name,
                               .uid = workload->uid,
                               .version = workload->version,
                               .planned_at = tools_.clock.wall()},
                              fmt::format("{}/{}", to_string(name.kind), name.name));
    plan.summary = fmt::format("restart {}: {} pods, {} ready", name.text(), workload->wanted,
                               workload->ready);
    return plan;
  }

  Result<core::Plan> plan_eviction(const KubernetesClient& cluster, const core::Target& target,
                                   const WorkloadName& name, const std::stop_token& stop) const {
    const auto owned = look_at_pod(cluster, name, arguments_.selector, tools_.host, stop);
    if (!owned) return fail(owned.error());
    const Pod* const pod = &owned->pod;
    // Below its controller, so that a restart of a stateful or daemon set excludes it.
    std::string owner = pod->owner_kind + "/" + pod->owner_name;
    std::ranges::transform(owner, owner.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    core::Plan plan = plan_of(target,
                              {.name = name,
                               .uid = pod->uid,
                               .version = pod->version,
                               .planned_at = tools_.clock.wall(),
                               .owner_kind = pod->owner_kind,
                               .owner_name = pod->owner_name,
                               .owner_version = owned->owner_version,
                               .grace = arguments_.grace},
                              fmt::format("{}/{}", owner, name.name));
    plan.summary =
        fmt::format("evict {}, which is {}{}{}", name.text(), pod->ready ? "ready" : "not ready",
                    pod->trouble.empty() ? "" : ", ", pod->trouble);
    return plan;
  }

  Arguments arguments_;
  ActionTools tools_;
};

PodSelector read_selector(const YamlMap& map) {
  PodSelector selector;
  for (const std::string& key : map.keys()) selector[key] = map.string(key);
  if (selector.empty() || selector.size() > kMostLabels)
    map.error(fmt::format("'selector' wants 1 to {} labels", kMostLabels));
  return selector;
}

}  // namespace

std::string read_kubernetes_restart(const YamlMap& map) {
  Arguments arguments;
  const std::string kind =
      map.one_of("kind", {"deployment", "statefulset", "daemonset", "pod"}, "deployment");
  arguments.workload = {workload_kind(kind).value_or(WorkloadKind::Deployment),
                        map.string("name", ""), map.string("namespace", "")};
  if (map.has("selector")) arguments.selector = read_selector(map.map("selector"));
  const auto grace = map.duration("grace", milliseconds(-1'000));
  if (grace > kLongestGrace) map.error("grace", "'grace' wants at most 1h");
  arguments.grace = std::chrono::ceil<seconds>(grace);
  if (arguments.workload.name.empty() && (map.has("kind") || map.has("namespace")))
    map.error("'kind' and 'namespace' want a 'name'; without one it is the collector's workload");
  if (auto right = check(arguments); !right) map.error(right.error().message);
  const Json json{{"kind", kind},
                  {"name", arguments.workload.name},
                  {"namespace", arguments.workload.name_space},
                  {"selector", Json(arguments.selector)},
                  {"grace", arguments.grace.count()}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_kubernetes_restart(const std::string& text,
                                                        const ActionTools& tools) {
  try {
    const Json json = Json::parse(text);
    const auto kind = workload_kind(json.at("kind").get<std::string>());
    if (!kind) return fail(Errc::Invalid, "kubernetes_restart: no such kind");
    Arguments arguments{
        {*kind, json.at("name").get<std::string>(), json.at("namespace").get<std::string>()},
        {},
        seconds(json.at("grace").get<std::int64_t>())};
    for (const auto& [key, value] : json.at("selector").items())
      arguments.selector[key] = value.get<std::string>();
    if (auto right = check(arguments); !right) return fail(right.error());
    return std::make_unique<KubernetesRestart>(std::move(arguments), tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of kubernetes_restart: {}", error.what()));
  }
}

}  // namespace fieldmedic
