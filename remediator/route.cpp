#include "remediator/route.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "common/quote.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kWhyLimit = 256;
constexpr std::string_view kLabels = "labels.";

Result<std::string> fill_in(const Template& text, const core::LabelMap& labels) {
  return text.render([&labels](std::string_view placeholder) -> Result<std::string> {
    const std::string_view name = placeholder.substr(std::min(kLabels.size(), placeholder.size()));
    const auto label = labels.find(name);
    if (label == labels.end())
      return fail(Errc::NotFound, fmt::format("the alert has no label {}", name));
    if (const Status valid = validate_label_value(label->second); !valid)
      return wrap(valid.error(), fmt::format("label {}", name));
    return label->second;
  });
}

Result<core::Target> find_group(const Template& wanted, const Inventory& inventory,
                                const core::LabelMap& labels) {
  const Result<std::string> name = fill_in(wanted, labels);
  if (!name) return fail(name.error());
  if (inventory.group(*name) == nullptr)
    return fail(Errc::NotFound, fmt::format("the inventory has no group {}", quote_hostile(*name)));
  return core::Target{.kind = core::TargetKind::Group, .name = {}, .host = {}, .group = *name};
}

// The target as the inventory knows it.
Result<core::Target> find_target(const TargetTemplate& wanted, const Inventory& inventory,
                                 const core::LabelMap& labels) {
  if (wanted.group) return find_group(*wanted.group, inventory, labels);
  const Result<std::string> host = fill_in(wanted.host, labels);
  if (!host) return fail(host.error());
  const GroupSpec* group = inventory.group_of_host(*host);
  if (group == nullptr) group = inventory.group_watching(*host);
  if (group == nullptr)
    return fail(Errc::NotFound, fmt::format("the inventory has no host {}", quote_hostile(*host)));
  core::Target target{
      .kind = core::TargetKind::Host, .name = {}, .host = *host, .group = group->name};
  if (!wanted.collector) return target;

  const Result<std::string> collector = fill_in(*wanted.collector, labels);
  if (!collector) return fail(collector.error());
  target.kind = core::TargetKind::Collector;
  target.name = *collector;
  if (std::ranges::find(group->collectors, *collector, &CollectorSpec::name) ==
      group->collectors.end())
    return fail(Errc::NotFound, fmt::format("the inventory has no collector {} on host {}",
                                            quote_hostile(*collector), quote_hostile(*host)));
  return target;
}

bool serves(const PlaybookConfig& playbook, const core::LabelMap& labels) {
  return !playbook.match.empty() &&
         std::ranges::all_of(playbook.match,
                             [&labels](const Matcher& matcher) { return matcher.matches(labels); });
}

std::string_view alert_name(const core::Alert& alert) {
  const auto name = alert.labels.find("alertname");
  return name == alert.labels.end() ? std::string_view() : name->second;
}

}  // namespace

core::RoutedAlert route(const RemediatorConfig& config, core::Alert alert) {
  core::RoutedAlert routed;
  routed.alert = std::move(alert);
  const core::LabelMap& labels = routed.alert.labels;
  const auto playbook = std::ranges::find_if(
      config.playbooks, [&labels](const PlaybookConfig& each) { return serves(each, labels); });
  if (playbook == config.playbooks.end()) {
    routed.ignored = core::IgnoreReason::NoPlaybook;
    routed.why =
        fmt::format("no playbook matches alert {}", quote_hostile(alert_name(routed.alert)));
    return routed;
  }
  Result<core::Target> target = find_target(playbook->target, *config.inventory, labels);
  if (!target) {
    routed.ignored = core::IgnoreReason::BadTarget;
    routed.why = fmt::format("playbook {}: {}", playbook->playbook->name, target.error().message);
    routed.why.resize(std::min(routed.why.size(), kWhyLimit));
    return routed;
  }
  routed.playbook = playbook->playbook;
  routed.target = std::move(*target);
  return routed;
}

}  // namespace fieldmedic
