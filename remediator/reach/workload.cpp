#include "remediator/reach/workload.hpp"

#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/utf8_cut.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kLongestReason = 128;  // bytes

using Json = nlohmann::json;

// A member, whatever is there; null where there is none.
const Json& at(const Json& object, std::string_view key) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

std::string text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

// The API leaves out what is 0.
std::int64_t count(const Json& value, std::int64_t absent = 0) {
  return value.is_number_integer() ? value.get<std::int64_t>() : absent;
}

bool is_true(const Json& value) {
  return value.is_boolean() && value.get<bool>();
}

std::unexpected<Error> unreadable(std::string_view what) {
  return fail(Errc::Malformed, fmt::format("the API server's answer does not describe {}", what));
}

// Parsed, and about the object that was asked for.
Result<Json> read_object(const WorkloadName& name, std::string_view body) {
  Json json = Json::parse(body, nullptr, false);
  const Json& metadata = at(json, "metadata");
  // An object of a list has no kind, one that was asked for by name has.
  const bool is_it = text(at(json, "kind")) == api_kind(name.kind) &&
                     text(at(metadata, "name")) == name.name &&
                     text(at(metadata, "namespace")) == name.name_space;
  if (!is_it || text(at(metadata, "uid")).empty() || text(at(metadata, "resourceVersion")).empty())
    return unreadable(name.text());
  return json;
}

std::string joined(const Json& values) {
  std::string list;
  for (const Json& value : values) {
    if (!list.empty()) list += ',';
    list += text(value);
  }
  return list;
}

// "key in (a,b)", as labelSelector takes it; empty: an operator that we do not know.
std::string requirement(const Json& expression) {
  std::string key = text(at(expression, "key"));
  const std::string how = text(at(expression, "operator"));
  if (how == "Exists") return key;
  if (how == "DoesNotExist") return "!" + key;
  const Json& values = at(expression, "values");
  if (!values.is_array()) return {};
  if (how == "In") return fmt::format("{} in ({})", key, joined(values));
  if (how == "NotIn") return fmt::format("{} notin ({})", key, joined(values));
  return {};
}

std::string selector_of(const Json& selector) {
  std::string text_so_far;
  const auto add = [&](const std::string& part) {
    text_so_far += (text_so_far.empty() ? "" : ",") + part;
  };
  if (const Json& labels = at(selector, "matchLabels"); labels.is_object())
    for (const auto& [key, value] : labels.items()) add(key + "=" + text(value));
  if (const Json& expressions = at(selector, "matchExpressions"); expressions.is_array()) {
    for (const Json& expression : expressions) {
      const std::string part = requirement(expression);
      if (part.empty()) return {};
      add(part);
    }
  }
  return text_so_far;
}

void read_counts(const Json& spec, const Json& status, Workload& workload) {
  if (workload.name.kind == WorkloadKind::DaemonSet) {
    workload.wanted = count(at(status, "desiredNumberScheduled"));
    workload.existing = count(at(status, "currentNumberScheduled"));
    workload.updated = count(at(status, "updatedNumberScheduled"));
    workload.ready = count(at(status, "numberReady"));
    workload.available = count(at(status, "numberAvailable"));
    return;
  }
  workload.wanted = count(at(spec, "replicas"), 1);
  workload.existing = count(at(status, "replicas"));
  workload.updated = count(at(status, "updatedReplicas"));
  workload.ready = count(at(status, "readyReplicas"));
  workload.available = count(at(status, "availableReplicas"));
}

bool says_deadline_exceeded(const Json& conditions) {
  if (!conditions.is_array()) return false;
  for (const Json& condition : conditions)
    if (text(at(condition, "type")) == "Progressing")
      return text(at(condition, "reason")) == "ProgressDeadlineExceeded";
  return false;
}

std::string counts_of(const Workload& w) {
  return fmt::format("{} wanted, {} updated, {} ready, {} available", w.wanted, w.updated, w.ready,
                     w.available);
}

// What the pods of the newest version still lack; empty: nothing.
std::string_view lacking(const Workload& w) {
  if (w.updated < w.wanted) return "not all are updated";
  switch (w.name.kind) {
    case WorkloadKind::Deployment:
      if (w.existing > w.updated) return "old ones still end";
      return w.available < w.updated ? "not all are available" : "";
    case WorkloadKind::StatefulSet:
      if (w.ready < w.wanted) return "not all are ready";
      return w.current_revision != w.update_revision ? "the revision is not current yet" : "";
    case WorkloadKind::DaemonSet: return w.available < w.wanted ? "not all are available" : "";
    case WorkloadKind::Pod: break;
  }
  return "a pod has no rollout";
}

void read_owner(const Json& metadata, Pod& pod) {
  const Json& owners = at(metadata, "ownerReferences");
  if (!owners.is_array()) return;
  for (const Json& owner : owners) {
    if (!is_true(at(owner, "controller"))) continue;
    pod.owner_kind = text(at(owner, "kind"));
    const std::string name = text(at(owner, "name"));
    pod.owner_name = is_object_name(name) ? name : std::string();
  }
}

void read_pod_status(const Json& status, Pod& pod) {
  pod.phase = text(at(status, "phase"));
  if (const Json& conditions = at(status, "conditions"); conditions.is_array())
    for (const Json& condition : conditions)
      if (text(at(condition, "type")) == "Ready")
        pod.ready = text(at(condition, "status")) == "True";
  if (const Json& containers = at(status, "containerStatuses"); containers.is_array())
    for (const Json& container : containers)
      if (const auto reason = text(at(at(at(container, "state"), "waiting"), "reason"));
          !reason.empty())
        pod.trouble = cut_utf8(reason, kLongestReason);
}

}  // namespace

Result<Workload> read_workload(const WorkloadName& name, std::string_view body) {
  const auto json = read_object(name, body);
  if (!json) return fail(json.error());
  const Json& metadata = at(*json, "metadata");
  const Json& spec = at(*json, "spec");
  const Json& status = at(*json, "status");
  if (!spec.is_object() || !status.is_object()) return unreadable(name.text());
  Workload workload;
  workload.name = name;
  workload.uid = text(at(metadata, "uid"));
  workload.version = text(at(metadata, "resourceVersion"));
  workload.generation = count(at(metadata, "generation"));
  workload.observed = count(at(status, "observedGeneration"));
  workload.being_deleted = at(metadata, "deletionTimestamp").is_string();
  read_counts(spec, status, workload);
  workload.paused = is_true(at(spec, "paused"));
  const Json& strategy = at(spec, "updateStrategy");  // of a deployment: strategy, never OnDelete
  workload.on_delete = text(at(strategy, "type")) == "OnDelete";
  workload.held_back = count(at(at(strategy, "rollingUpdate"), "partition"));
  workload.deadline_exceeded = says_deadline_exceeded(at(status, "conditions"));
  workload.current_revision = text(at(status, "currentRevision"));
  workload.update_revision = text(at(status, "updateRevision"));
  const Json& annotations = at(at(at(spec, "template"), "metadata"), "annotations");
  workload.restarted_by = text(at(annotations, kRestartAnnotation));
  workload.selector = selector_of(at(spec, "selector"));
  return workload;
}

Rollout rollout_of(const Workload& workload) {
  using State = Rollout::State;
  const std::string counts = counts_of(workload);
  if (workload.observed == 0 || workload.observed < workload.generation)
    return {State::UnderWay, counts + ": its controller has not seen the change yet"};
  if (workload.deadline_exceeded)
    return {State::Failed, counts + ": its progress deadline was exceeded"};
  if (const auto what = lacking(workload); !what.empty())
    return {State::UnderWay, fmt::format("{}: {}", counts, what)};
  return {State::Finished, counts};
}

Result<Pod> read_pod(const WorkloadName& name, std::string_view body) {
  const auto json = read_object(name, body);
  if (!json) return fail(json.error());
  const Json& metadata = at(*json, "metadata");
  Pod pod;
  pod.name = name;
  pod.uid = text(at(metadata, "uid"));
  pod.version = text(at(metadata, "resourceVersion"));
  pod.being_deleted = at(metadata, "deletionTimestamp").is_string();
  pod.mirror = at(at(metadata, "annotations"), "kubernetes.io/config.mirror").is_string();
  read_owner(metadata, pod);
  if (const Json& labels = at(metadata, "labels"); labels.is_object())
    for (const auto& [key, value] : labels.items()) pod.labels.emplace(key, text(value));
  read_pod_status(at(*json, "status"), pod);
  return pod;
}

Result<ReadyCount> read_ready_count(std::string_view kind, std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  const Json& spec = at(json, "spec");
  const Json& status = at(json, "status");
  if (text(at(json, "kind")) != kind || !spec.is_object() || !status.is_object())
    return unreadable("a " + std::string(kind));
  std::string version = text(at(at(json, "metadata"), "resourceVersion"));
  if (kind == api_kind(WorkloadKind::DaemonSet))
    return ReadyCount{count(at(status, "desiredNumberScheduled")), count(at(status, "numberReady")),
                      std::move(version)};
  return ReadyCount{count(at(spec, "replicas"), 1), count(at(status, "readyReplicas")),
                    std::move(version), count(at(at(spec, "ordinals"), "start"))};
}

Result<PodPage> read_pod_page(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  const Json& items = at(json, "items");
  if (text(at(json, "kind")) != "PodList" || !items.is_array()) return unreadable("a list of pods");
  PodPage page;
  for (const Json& item : items) page.uids.push_back(text(at(at(item, "metadata"), "uid")));
  page.next = text(at(at(json, "metadata"), "continue"));
  return page;
}

Result<std::string> autoscaler_of(const WorkloadName& name, std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  const Json& items = at(json, "items");
  // One that is not seen on a next page would fight with us.
  if (text(at(json, "kind")) != "HorizontalPodAutoscalerList" || !items.is_array() ||
      !text(at(at(json, "metadata"), "continue")).empty())
    return unreadable("all autoscalers of " + name.name_space);
  for (const Json& item : items) {
    const Json& target = at(at(item, "spec"), "scaleTargetRef");
    if (text(at(target, "kind")) == api_kind(name.kind) && text(at(target, "name")) == name.name)
      return text(at(at(item, "metadata"), "name"));
  }
  return std::string();
}

}  // namespace fieldmedic
