#include "remediator/actions/actions.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "remediator/actions/cache_clear.hpp"
#include "remediator/actions/config_rollback.hpp"
#include "remediator/actions/container_restart.hpp"
#include "remediator/actions/data_divert.hpp"
#include "remediator/actions/exec.hpp"
#include "remediator/actions/failover.hpp"
#include "remediator/actions/haproxy_drain.hpp"
#include "remediator/actions/host_reboot.hpp"
#include "remediator/actions/http.hpp"
#include "remediator/actions/kubernetes_restart.hpp"
#include "remediator/actions/link_switch.hpp"
#include "remediator/actions/process_restart.hpp"
#include "remediator/actions/scale_out.hpp"
#include "remediator/actions/systemd_restart.hpp"
#include "remediator/actions/where.hpp"

namespace fieldmedic {

namespace {

// Where an action can be done.
enum class Where { HereOnly, OverSshToo, ByItsEngine, Anywhere, ThroughKubernetes };

struct ActionEntry {
  std::string_view name;
  // Reads the arguments, records every error, answers them as canonical JSON.
  std::string (*read)(const YamlMap& arguments);
  // Errc::Invalid when the JSON does not fit.
  Result<std::unique_ptr<Action>> (*make)(const std::string& arguments, const ActionTools& tools);
  // Null: its change stays.
  std::optional<core::WhenAway> (*ended_when_away)(const std::string& arguments) = nullptr;
  Where where = Where::HereOnly;
  // Where its arguments say so; null: `where`.
  Where (*where_by)(const std::string& arguments) = nullptr;
};

std::optional<core::WhenAway> by_nobody(const std::string&) {
  return core::WhenAway::Nobody;
}

Where where_diverted(const std::string& arguments) {
  switch (divert_way(arguments)) {
    case DivertWay::Link:
    case DivertWay::File: return Where::OverSshToo;
    case DivertWay::Key: return Where::Anywhere;
  }
  return Where::HereOnly;
}

constexpr std::array kActions{
    ActionEntry{"cache_clear", read_cache_clear, make_cache_clear, nullptr, Where::OverSshToo},
    ActionEntry{"config_rollback", read_config_rollback, make_config_rollback, nullptr,
                Where::OverSshToo},
    ActionEntry{"container_restart", read_container_restart, make_container_restart, nullptr,
                Where::ByItsEngine},
    ActionEntry{"data_divert", read_data_divert, make_data_divert, by_nobody, Where::HereOnly,
                where_diverted},
    ActionEntry{"exec", read_exec, make_exec, nullptr, Where::OverSshToo},
    ActionEntry{"failover", read_failover, make_failover, failover_ends, Where::OverSshToo},
    ActionEntry{"haproxy_drain", read_haproxy_drain, make_haproxy_drain, by_nobody},
    ActionEntry{"host_reboot", read_host_reboot, make_host_reboot, nullptr, Where::OverSshToo},
    ActionEntry{"http", read_http, make_http, nullptr, Where::Anywhere},
    ActionEntry{"kubernetes_restart", read_kubernetes_restart, make_kubernetes_restart, nullptr,
                Where::ThroughKubernetes},
    ActionEntry{"link_switch", read_link_switch, make_link_switch, by_nobody, Where::OverSshToo},
    ActionEntry{"process_restart", read_process_restart, make_process_restart, nullptr,
                Where::OverSshToo},
    ActionEntry{"scale_out", read_scale_out, make_scale_out, by_nobody, Where::Anywhere},
    ActionEntry{"systemd_restart", read_systemd_restart, make_systemd_restart, nullptr,
                Where::OverSshToo},
};

const ActionEntry* find_entry(std::string_view name) {
  const auto found = std::ranges::find(kActions, name, &ActionEntry::name);
  return found == kActions.end() ? nullptr : found;
}

Where where_of(const ActionEntry& entry, const std::string& arguments) {
  return entry.where_by == nullptr ? entry.where : entry.where_by(arguments);
}

}  // namespace

core::Spec read_action(const YamlMap& action, std::string_view beside) {
  auto keys = action.keys();
  std::erase(keys, beside);
  if (keys.size() != 1) {
    action.error(fmt::format("an action wants exactly one of {}", fmt::join(action_names(), ", ")));
    return {};
  }
  const ActionEntry* entry = find_entry(keys.front());
  if (entry == nullptr) {
    action.error(keys.front(), fmt::format("unknown action '{}', known: {}", keys.front(),
                                           fmt::join(action_names(), ", ")));
    return {};
  }
  const YamlMap arguments = action.map(keys.front());
  core::Spec spec{keys.front(), entry->read(arguments)};
  arguments.done();
  return spec;
}

Result<std::unique_ptr<Action>> make_action(const core::Spec& spec, const ActionTools& tools) {
  const ActionEntry* entry = find_entry(spec.type);
  if (entry == nullptr)
    return fail(Errc::Invalid, fmt::format("there is no action '{}'", spec.type));
  auto action = entry->make(spec.arguments, tools);
  if (action && entry->where == Where::ByItsEngine)
    return at_engine([make = entry->make, arguments = spec.arguments](
                         const ActionTools& at) { return make(arguments, at); },
                     tools);
  if (!action || where_of(*entry, spec.arguments) != Where::HereOnly) return action;
  return here_only(entry->name, std::move(*action), tools);
}

bool action_serves(const core::Spec& action, const HostSpec& host) {
  const ActionEntry* entry = find_entry(action.type);
  if (entry == nullptr) return false;
  const Reach reach = host.reach;
  switch (where_of(*entry, action.arguments)) {
    case Where::HereOnly: return reach == Reach::Local;
    case Where::OverSshToo: return reach == Reach::Local || reach == Reach::Ssh;
    case Where::ByItsEngine: return reach == Reach::Local || host.engine.has_value();
    case Where::Anywhere: return true;
    case Where::ThroughKubernetes: return reach == Reach::Kubernetes;
  }
  return false;
}

std::optional<core::WhenAway> ended_when_away(const core::Spec& action) {
  const ActionEntry* entry = find_entry(action.type);
  if (entry == nullptr || entry->ended_when_away == nullptr) return std::nullopt;
  return entry->ended_when_away(action.arguments);
}

std::vector<std::string> hosts_named(const core::Spec& action) {
  return action.type == "failover" ? failover_hosts(action.arguments) : std::vector<std::string>();
}

std::vector<std::string_view> action_names() {
  std::vector<std::string_view> names;
  for (const ActionEntry& entry : kActions) names.push_back(entry.name);
  return names;
}

}  // namespace fieldmedic
