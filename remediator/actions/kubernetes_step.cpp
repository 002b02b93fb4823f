#include "remediator/actions/kubernetes_step.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/reach/workload.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string what_is_done(const KubernetesStep& step) {
  return (step.name.kind == WorkloadKind::Pod ? "evict " : "restart ") + step.name.text();
}

}  // namespace

core::Step write_step(const KubernetesStep& step) {
  Json seen{{"kind", to_string(step.name.kind)},
            {"namespace", step.name.name_space},
            {"name", step.name.name},
            {"uid", step.uid},
            {"resource_version", step.version},
            {"planned_at_ms", step.planned_at.time_since_epoch().count()}};
  Json wanted{{"uid", step.uid}};
  if (step.name.kind == WorkloadKind::Pod) {
    seen["owner_kind"] = step.owner_kind;
    seen["owner"] = step.owner_name;
    seen["owner_version"] = step.owner_version;
    seen["grace"] = step.grace.count();
    wanted["pod"] = "replaced";
  } else {
    wanted["annotation"] = kRestartAnnotation;
    wanted["value"] = "the attempt";
  }
  return {.name = what_is_done(step), .seen = dump(seen), .wanted = dump(wanted)};
}

Result<KubernetesStep> read_kubernetes_step(const core::Step& step) {
  try {
    const Json seen = Json::parse(step.seen);
    const auto kind = workload_kind(seen.at("kind").get<std::string>());
    KubernetesStep read;
    read.name = {kind.value_or(WorkloadKind::Pod), seen.at("name").get<std::string>(),
                 seen.at("namespace").get<std::string>()};
    read.uid = seen.at("uid").get<std::string>();
    read.version = seen.at("resource_version").get<std::string>();
    read.planned_at = WallTime(milliseconds(seen.at("planned_at_ms").get<std::int64_t>()));
    read.owner_kind = seen.value("owner_kind", "");
    read.owner_name = seen.value("owner", "");
    read.owner_version = seen.value("owner_version", "");
    read.grace = seconds(seen.value("grace", std::int64_t{-1}));
    // They become parts of paths.
    if (!kind || !is_object_name(read.name.name) || !is_namespace_name(read.name.name_space))
      return fail(Errc::Invalid, "no kubernetes_restart step: it names nothing");
    return read;
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no kubernetes_restart step: {}", error.what()));
  }
}

}  // namespace fieldmedic
