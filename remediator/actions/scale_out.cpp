#include "remediator/actions/scale_out.hpp"

#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/aws_scale.hpp"
#include "remediator/actions/container_scale.hpp"
#include "remediator/actions/replica_scale.hpp"
#include "remediator/actions/unit_scale.hpp"
#include "remediator/actions/where.hpp"
#include "remediator/reach/container_engine.hpp"
#include "remediator/reach/systemd.hpp"
#include "remediator/reach/workload_name.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr int kMostHere = 32;  // of one host
constexpr int kMostThere = 1'000;
constexpr int kMostAtOnce = 32;
constexpr std::size_t kLongestContainer = 100;  // "-fieldmedic-32" comes after it

struct Arguments {
  std::string unit;  // one of the four
  std::string container;
  WorkloadName workload;
  std::optional<AwsGroup> group;
  ScaleTerms terms;
};

// A deployment or stateful set.
Status check_workload(const WorkloadName& workload) {
  if (workload.kind != WorkloadKind::Deployment && workload.kind != WorkloadKind::StatefulSet)
    return fail(Errc::Invalid, fmt::format("'kubernetes': a {} has no count of its own",
                                           to_string(workload.kind)));
  if (!is_object_name(workload.name))
    return fail(Errc::Invalid, "'kubernetes' wants the 'name' of a Kubernetes object");
  if (!workload.name_space.empty() && !is_namespace_name(workload.name_space))
    return fail(Errc::Invalid, "'kubernetes' wants the name of a namespace");
  return {};
}

// Checked when it is read and again when it is made.
Status check(const Arguments& arguments) {
  const int named = (arguments.unit.empty() ? 0 : 1) + (arguments.container.empty() ? 0 : 1) +
                    (arguments.workload.name.empty() ? 0 : 1) + (arguments.group ? 1 : 0);
  if (named != 1)
    return fail(Errc::Invalid,
                "scale_out wants one of 'unit', 'container', 'kubernetes' and "
                "'auto_scaling_group'");
  if (!arguments.workload.name.empty())
    if (auto right = check_workload(arguments.workload); !right) return right;
  if (!arguments.container.empty() && !is_container_name(arguments.container))
    return fail(Errc::Invalid, "'container' wants the name of a container");
  if (arguments.container.size() > kLongestContainer)
    return fail(Errc::Invalid, "'container' wants a name that leaves room for those of its clones");
  if (!arguments.unit.empty() && !is_service_template(arguments.unit))
    return fail(Errc::Invalid,
                "'unit' wants the name of a template of services such as orders@.service");
  if (arguments.terms.step > arguments.terms.max)
    return fail(Errc::Invalid, "'step' wants to be no more than 'max'");
  return {};
}

WorkloadName read_workload(const YamlMap& arguments) {
  if (!arguments.has("kubernetes")) return {};
  const YamlMap map = arguments.map("kubernetes");
  const std::string kind = map.one_of("kind", {"deployment", "statefulset"}, "deployment");
  WorkloadName workload{workload_kind(kind).value_or(WorkloadKind::Deployment), map.string("name"),
                        map.string("namespace", "")};
  map.done();
  return workload;
}

WorkloadName workload_of(const Json& arguments) {
  const auto found = arguments.find("kubernetes");
  if (found == arguments.end()) return {};
  // A kind that is none is refused by check_workload as a pod is.
  return {workload_kind(found->at("kind").get<std::string>()).value_or(WorkloadKind::Pod),
          found->at("name").get<std::string>(), found->at("namespace").get<std::string>()};
}

}  // namespace

std::string read_scale_out(const YamlMap& map) {
  map.require("max");
  std::optional<AwsGroup> group;
  if (map.has("auto_scaling_group")) group = read_aws_group(map.map("auto_scaling_group"));
  const int most = group || map.has("kubernetes") ? kMostThere : kMostHere;
  const Arguments arguments{map.string("unit", ""),
                            map.string("container", ""),
                            read_workload(map),
                            std::move(group),
                            {static_cast<int>(map.integer("max", 1, 1, most)),
                             static_cast<int>(map.integer("step", 1, 1, kMostAtOnce))}};
  if (map.has("max"))
    if (auto right = check(arguments); !right) map.error(right.error().message);
  Json json{{"unit", arguments.unit},
            {"container", arguments.container},
            {"max", arguments.terms.max},
            {"step", arguments.terms.step}};
  if (!arguments.workload.name.empty())
    json["kubernetes"] = {{"kind", to_string(arguments.workload.kind)},
                          {"name", arguments.workload.name},
                          {"namespace", arguments.workload.name_space}};
  if (arguments.group)
    json["auto_scaling_group"] = Json::parse(aws_group_json(*arguments.group), nullptr, false);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::unique_ptr<Action>> make_scale_out(const std::string& text, const ActionTools& tools) {
  try {
    const Json json = Json::parse(text);
    std::optional<AwsGroup> group;
    if (json.contains("auto_scaling_group")) {
      auto read = parse_aws_group(json["auto_scaling_group"].dump());
      if (!read) return fail(std::move(read.error()));
      group = *std::move(read);
    }
    const Arguments arguments{json.at("unit").get<std::string>(),
                              json.value("container", ""),
                              workload_of(json),
                              std::move(group),
                              {json.at("max").get<int>(), json.at("step").get<int>()}};
    if (auto right = check(arguments); !right) return fail(right.error());
    if (!arguments.unit.empty()) return make_unit_scale(arguments.unit, arguments.terms, tools);
    if (!arguments.workload.name.empty())
      return make_replica_scale(arguments.workload, arguments.terms, tools);
    if (arguments.group && tools.http == nullptr)
      return fail(Errc::Invalid, "scale_out has no HTTP client here");
    if (arguments.group) return make_aws_scale(*arguments.group, arguments.terms, tools);
    return at_engine(
        [container = arguments.container,
         terms = arguments.terms](const ActionTools& at) -> Result<std::unique_ptr<Action>> {
          return make_container_scale(container, terms, at);
        },
        tools);
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("arguments of scale_out: {}", error.what()));
  }
}

}  // namespace fieldmedic
