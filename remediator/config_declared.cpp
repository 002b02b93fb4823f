// What a check or an action takes from the collector when it names none itself.
#include <algorithm>
#include <array>
#include <span>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

using Json = nlohmann::json;

struct Need {
  std::string_view type;   // of the check or action
  std::string_view own;    // the argument that names it; empty: there is none
  std::string_view field;  // of a collector
  bool (*declared)(const CollectorSpec&);
  // Whether with these arguments; null: always.
  bool (*wanted)(const std::string& arguments) = nullptr;
};

constexpr std::array kCheckNeeds{
    Need{"port", "addresses", "ports", [](const CollectorSpec& c) { return !c.ports.empty(); }},
    Need{"http", "urls", "health", [](const CollectorSpec& c) { return !c.health.empty(); }},
    Need{"process", "", "process", [](const CollectorSpec& c) { return !c.process.empty(); }},
};

// Of the ways of data_divert the one that looks at the collector's processes.
bool diverts_by_link(const std::string& arguments) {
  const Json json = Json::parse(arguments, nullptr, false);
  return json.is_object() && json.contains("link");
}

constexpr std::array kActionNeeds{
    Need{"data_divert", "", "process", [](const CollectorSpec& c) { return !c.process.empty(); },
         diverts_by_link},
    Need{"process_restart", "", "start", [](const CollectorSpec& c) { return !c.start.empty(); }},
    Need{"systemd_restart", "unit", "unit", [](const CollectorSpec& c) { return !c.unit.empty(); }},
    Need{"container_restart", "container", "container",
         [](const CollectorSpec& c) { return !c.container.empty(); }},
    Need{"kubernetes_restart", "name", "kubernetes",
         [](const CollectorSpec& c) { return c.workload.has_value(); }},
};

bool names_its_own(const core::Spec& spec, std::string_view argument) {
  const Json arguments = Json::parse(spec.arguments, nullptr, false);
  const auto found = arguments.find(argument);
  if (found == arguments.end()) return false;
  return found->is_string() ? !found->get_ref<const std::string&>().empty()
                            : !(found->is_array() && found->empty());
}

void require(std::span<const Need> needs, const YamlMap& map, const core::Spec& spec,
             const Subjects& subjects) {
  const auto need = std::ranges::find(needs, spec.type, &Need::type);
  if (!subjects.collectors || need == needs.end()) return;
  if (!need->own.empty() && names_its_own(spec, need->own)) return;
  if (need->wanted != nullptr && !need->wanted(spec.arguments)) return;
  if (std::ranges::any_of(*subjects.collectors,
                          [&](const auto* each) { return need->declared(*each); }))
    return;
  const std::string own =
      need->own.empty() ? std::string() : fmt::format(" and '{}' is not given here", need->own);
  map.error(spec.type, fmt::format("'{}' can never work: no collector that this playbook can be "
                                   "about has '{}' in 'groups'{}",
                                   spec.type, need->field, own));
}

// A template without placeholders names one; with them it may name any, and so may a faulty one,
// which is empty and was told.
bool may_name(const Template& name, std::string_view known) {
  if (!name.names().empty()) return true;
  const std::string only = name.render({}).value_or("");
  return only.empty() || only == known;
}

}  // namespace

Subjects subjects_of(const Inventory& inventory, const TargetTemplate& target) {
  Subjects subjects;
  if (inventory.groups.empty()) return subjects;
  subjects.collectors.emplace();
  for (const GroupSpec& group : inventory.groups) {
    for (const CollectorSpec& each : group.collectors)
      if (target.collector && may_name(*target.collector, each.name))
        subjects.collectors->push_back(&each);
    for (const HostSpec& each : group.hosts)
      if (may_name(target.host, each.name)) subjects.hosts.push_back(&each);
  }
  return subjects;
}

void require_for_check(const YamlMap& map, const core::Spec& check, const Subjects& subjects) {
  if (check.type == "promql" && subjects.prometheus == Subjects::Prometheus::None)
    map.error(check.type,
              "'promql' can never work: it asks the Prometheus of 'prometheus', which "
              "is not configured");
  require(kCheckNeeds, map, check, subjects);
}

void require_for_action(const YamlMap& map, const core::Spec& action, const Subjects& subjects) {
  require(kActionNeeds, map, action, subjects);
}

}  // namespace fieldmedic
