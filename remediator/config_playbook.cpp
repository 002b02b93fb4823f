#include <algorithm>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "remediator/actions/actions.hpp"
#include "remediator/config_parts.hpp"
#include "remediator/core/condition.hpp"

namespace fieldmedic {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr DurationBounds kTimeout{milliseconds{1}, kLongestWait};
constexpr DurationBounds kPause{milliseconds{0}, kLongestWait};
constexpr DurationBounds kPeriod{milliseconds{1'000}, hours{24 * 30}};
constexpr int kMostAttempts = 1'000;
constexpr std::size_t kTierNameLimit = 128;

std::vector<Matcher> read_match(const YamlMap& map) {
  std::vector<Matcher> matchers;
  map.require("match");  // without one it would serve every alert there is
  for (const YamlValue& value : map.values("match")) {
    Result<Matcher> matcher = Matcher::parse(value.string().value_or(""));
    if (matcher)
      matchers.push_back(std::move(*matcher));
    else
      value.error(matcher.error().message);
  }
  return matchers;
}

Template read_target_template(const YamlMap& map, std::string_view key) {
  const std::string text = map.string(key);
  Result<Template> parsed = Template::parse(text);
  if (!parsed) {
    map.error(key, fmt::format("'{}': {}", key, parsed.error().message));
    return {};
  }
  for (const std::string& name : parsed->names())
    if (!name.starts_with("labels."))
      map.error(key,
                fmt::format("'{}' wants placeholders of labels only, got {}", key, quote(name)));
  return std::move(*parsed);
}

TargetTemplate read_target(const YamlMap& playbook) {
  playbook.require("target");
  const YamlMap map = playbook.map("target");
  TargetTemplate target;
  if (map.has("group")) {
    target.group = read_target_template(map, "group");
    map.done();
    return target;
  }
  target.host = read_target_template(map, "host");
  if (map.has("collector")) target.collector = read_target_template(map, "collector");
  map.done();
  return target;
}

// The checks that it asks for are those of the same playbook.
std::string read_condition(const YamlMap& map, const core::Verification& verify) {
  std::string text = map.string("when");
  const auto condition = core::Condition::parse(text);
  if (!condition) {
    map.error("when", fmt::format("'when', {}", condition.error().message));
    return {};
  }
  for (const core::Condition::Term& term : condition->terms()) {
    const auto same = [&term](const core::CheckSpec& spec) { return spec.check.type == term.name; };
    if (term.about == core::Condition::About::Check && std::ranges::none_of(verify.checks, same))
      map.error("when", fmt::format("'when' asks for check.{}, which is none of this playbook's "
                                    "checks (verify)",
                                    term.name));
  }
  return text;
}

core::Tier read_tier(const YamlMap& map, const core::Verification& verify,
                     const Subjects& subjects) {
  core::Tier tier;
  tier.name = map.string("name");
  const auto control = [](char c) { return c >= 0 && (c < ' ' || c == 0x7f); };
  if (tier.name.size() > kTierNameLimit || std::ranges::any_of(tier.name, control))
    map.error("name", fmt::format("'name' wants one line of at most {} bytes", kTierNameLimit));
  map.require("action");
  const YamlMap action = map.map("action");
  tier.action = read_action(action);
  if (require_reachable(action, tier.action, subjects, action_serves))
    require_for_action(action, tier.action, subjects);
  tier.timeout = read_bounded_duration(map, "timeout", tier.timeout, kTimeout);
  if (map.has("approval")) tier.approval = read_approval(map.map("approval"));
  if (map.has("when")) tier.when = read_condition(map, verify);
  if (map.has("lease")) tier.lease = read_lease(map.map("lease"), subjects);
  check_lease(map, tier);
  map.done();
  return tier;
}

void check_hosts_named(const YamlMap& map, const core::Tier& tier, const Inventory& inventory) {
  for (const std::string& name : hosts_named(tier.action)) {
    const HostSpec* host = inventory.host(name);
    if (host == nullptr || host->reach == Reach::Kubernetes)
      map.error("action", fmt::format("'on' wants the name of a host in groups that is no cluster, "
                                      "got {}",
                                      quote(name)));
  }
}

// Others look at one collector.
void check_of_group(const YamlMap& map, const core::Verification& verify) {
  for (const core::CheckSpec& spec : verify.checks)
    if (spec.check.type != "promql")
      map.error("verify", fmt::format("a playbook for a group wants promql checks only, got {}",
                                      spec.check.type));
}

core::Limits read_limits(const YamlMap& map) {
  core::Limits limits;
  limits.attempts = static_cast<int>(map.integer("attempts", limits.attempts, 1, kMostAttempts));
  limits.per = read_bounded_duration(map, "per", limits.per, kPeriod);
  limits.cooldown = read_bounded_duration(map, "cooldown", limits.cooldown, kPause);
  limits.patience = read_bounded_duration(map, "patience", limits.patience, kPeriod);
  map.done();
  return limits;
}

core::Relapse read_relapse(const YamlMap& map) {
  core::Relapse relapse;
  relapse.within = read_bounded_duration(map, "within", relapse.within, kPause);
  relapse.per_day = static_cast<int>(map.integer("per_day", relapse.per_day, 0, kMostAttempts));
  map.done();
  return relapse;
}

// What the rest of the file says.
struct Around {
  const std::set<std::string>& receivers;
  const Inventory& inventory;
  core::Mode most;  // in a dry run no playbook acts, whatever it says itself
  Subjects::Prometheus prometheus;
};

Subjects subjects_of(const YamlMap& map, const TargetTemplate& target, const Around& around) {
  Subjects subjects =
      map.has("target") && !target.group ? subjects_of(around.inventory, target) : Subjects();
  subjects.prometheus = around.prometheus;
  return subjects;
}

PlaybookConfig read_playbook(const YamlMap& map, const Around& around,
                             std::set<std::string>& taken) {
  PlaybookConfig config;
  auto playbook = std::make_shared<core::Playbook>();
  playbook->name = read_name(map, "name", taken);
  config.match = read_match(map);
  config.target = read_target(map);
  playbook->mode =
      map.one_of("mode", {"act", "dry_run"}, "act") == "dry_run" ? core::Mode::DryRun : around.most;
  if (!config.target.group) map.require("tiers");  // a group's fault may only be watched
  map.require("verify");
  const Subjects subjects = subjects_of(map, config.target, around);
  playbook->verify = read_verification(map.map("verify"), subjects);
  if (config.target.group) check_of_group(map, playbook->verify);
  for (const YamlMap& tier : map.maps("tiers")) {
    playbook->tiers.push_back(read_tier(tier, playbook->verify, subjects));
    check_hosts_named(tier, playbook->tiers.back(), around.inventory);
  }
  playbook->limits = read_limits(map.map("limits"));
  playbook->relapse = read_relapse(map.map("relapse"));
  playbook->receivers = read_receiver_names(map, "notify", around.receivers);
  config.may_touch = read_hosts(map, "may_touch", around.inventory);
  map.done();
  config.playbook = std::move(playbook);
  return config;
}

}  // namespace

std::vector<PlaybookConfig> read_playbooks(const YamlMap& root,
                                           const std::set<std::string>& receivers,
                                           const Inventory& inventory) {
  std::vector<PlaybookConfig> playbooks;
  std::set<std::string> names;
  const Around around{.receivers = receivers,
                      .inventory = inventory,
                      .most = root.boolean("dry_run", false) ? core::Mode::DryRun : core::Mode::Act,
                      .prometheus = root.has("prometheus") ? Subjects::Prometheus::Configured
                                                           : Subjects::Prometheus::None};
  for (const YamlMap& map : root.maps("playbooks"))
    playbooks.push_back(read_playbook(map, around, names));
  return playbooks;
}

}  // namespace fieldmedic
