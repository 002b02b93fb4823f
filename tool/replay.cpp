#include "tool/replay.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "remediator/core/fold.hpp"
#include "remediator/core/guard.hpp"
#include "remediator/route.hpp"

namespace fieldmedic::tool {
namespace {

// Refusals that hang on what was read then.
bool hangs_on_the_world(std::string_view guard) {
  using core::Guard;
  return std::ranges::any_of(
      std::initializer_list<Guard>{Guard::MinHealthy, Guard::MaxUnhealthy, Guard::Unreadable},
      [guard](Guard each) { return to_string(each) == guard; });
}

std::string in_words(const core::RoutedAlert& routed) {
  if (routed.playbook == nullptr) return "opens nothing: " + routed.why;
  return fmt::format("playbook {} for {}", routed.playbook->name, core::key_of(routed.target));
}

std::string in_words(const core::Tier& tier, core::Mode mode) {
  std::string text = fmt::format("{} {}", tier.action.type, tier.action.arguments);
  if (tier.approval) text += fmt::format(", asks the {} first", to_string(tier.approval->from));
  if (!tier.when.empty()) text += ", when " + tier.when;
  if (mode == core::Mode::DryRun) text += ", as a dry run";
  return text;
}

std::string refused_by(std::string_view guard) {
  return fmt::format("held back by {}", guard);
}

core::RoutedAlert route_again(const RemediatorConfig& config, const core::LabelMap& labels) {
  core::Alert alert;
  alert.labels = labels;
  return route(config, std::move(alert));
}

}  // namespace

Replay::Replay(const RemediatorConfig& config, std::function<void(const Difference&)> tell)
    : config_(config), policy_(policy_of(config)), tell_(std::move(tell)) {}

void Replay::visit(const Record& record) {
  sequence_ = record.sequence;
  at_ = record.event.at;
  std::visit(
      [this](const auto& event) {
        if constexpr (requires { judge(event); }) judge(event);
      },
      record.event.payload);
  core::fold(state_, record.event);
  std::erase_if(diverged_, [this](core::IncidentId id) { return state_.find(id) == nullptr; });
}

void Replay::compare(core::IncidentId incident, const std::string& was, const std::string& now) {
  ++judged_;
  if (was == now) return;
  ++differing_;
  tell_({sequence_, at_, incident, was, now});
}

void Replay::judge(const core::IncidentOpened& event) {
  if (event.fault != core::Fault::Node && !event.labels.contains("alertname")) return;  // no alert
  const core::RoutedAlert routed = route_again(config_, event.labels);
  const std::string was =
      fmt::format("playbook {} for {}", event.playbook.name, core::key_of(event.target));
  const std::string now = in_words(routed);
  if (was != now) diverged_.insert(event.incident);
  compare(event.incident, was, now);
}

// Only what a configuration decides: the others hang on what came before.
void Replay::judge(const core::AlertIgnored& event) {
  if (event.reason != core::IgnoreReason::NoPlaybook &&
      event.reason != core::IgnoreReason::BadTarget)
    return;
  const core::RoutedAlert routed = route_again(config_, event.labels);
  if (routed.playbook == nullptr)
    compare(0, {}, {});
  else
    compare(0, "opens nothing: " + event.why, in_words(routed));
}

void Replay::judge(const core::GuardRefused& event) {
  if (!hangs_on_the_world(event.guard)) judge_remedy(event.incident, refused_by(event.guard));
}

// The first step stands for the whole remedy.
void Replay::judge(const core::ApplyIntended& event) {
  const core::Incident* incident = state_.find(event.incident);
  if (incident == nullptr || event.step != 0) return;
  judge_remedy(event.incident, in_words(incident->current_tier(), core::Mode::Act));
}

void Replay::judge_remedy(core::IncidentId id, const std::string& was) {
  const core::Incident* incident = state_.find(id);
  if (incident == nullptr || diverged_.contains(id)) return;
  compare(id, was, verdict(*incident));
}

std::string Replay::verdict(const core::Incident& incident) const {
  const core::Plan* plan =
      incident.attempt && !incident.attempt->plan.steps.empty() ? &incident.attempt->plan : nullptr;
  if (const auto no = core::ask_guards(policy_, state_, incident, plan, at_))
    return refused_by(to_string(no->guard));
  const auto playbook =
      std::ranges::find_if(config_.playbooks, [&incident](const PlaybookConfig& each) {
        return each.playbook->name == incident.playbook->name;
      });
  if (playbook == config_.playbooks.end()) return "no such playbook";  // told by a guard before
  const auto& tiers = playbook->playbook->tiers;
  if (incident.tier >= tiers.size())
    return fmt::format("a person: there is no remedy {} any more", incident.tier + 1);
  return in_words(tiers[incident.tier], playbook->playbook->mode);
}

}  // namespace fieldmedic::tool
