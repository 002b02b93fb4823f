#include "remediator/config.hpp"

#include "common/config_fields.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

// Also of receivers that have an error of their own, so that one fault is told once.
std::set<std::string> receiver_names(const YamlMap& root) {
  std::set<std::string> names;
  for (const YamlMap& receiver : root.maps("receivers")) names.insert(receiver.string("name", ""));
  return names;
}

std::shared_ptr<const core::Playbook> playbook_named(const RemediatorConfig& config,
                                                     std::string_view name) {
  for (const PlaybookConfig& each : config.playbooks)
    if (each.playbook->name == name) return each.playbook;
  return nullptr;
}

}  // namespace

std::unique_ptr<const RemediatorConfig> read_remediator_config(const std::filesystem::path& path,
                                                               const NotifierTools& tools,
                                                               ConfigErrors& errors) {
  const ConfigFile file{read_yaml_file(path, errors), errors, path.parent_path()};
  const YamlMap& root = file.root;
  auto config = std::make_unique<RemediatorConfig>();
  config->listen = read_listen_address(root, "listen", config->listen);
  config->web = read_web_access(file);
  config->journal = read_journal(file);
  config->prometheus = read_prometheus_access(file);
  config->alertmanager = read_alertmanager_access(file);
  config->container_engine = read_container_engine(file);
  config->file_sd = read_file_sd_config(file);
  config->inventory = read_inventory(file);
  config->guards = read_guards(root);
  config->correlation_window = read_correlation_window(root);
  config->windows = read_windows(root);
  config->kill_switch = root.boolean("kill_switch", false);
  config->protected_hosts = read_hosts(root, "protected_hosts", *config->inventory);
  config->roles = read_roles(root, config->web);
  config->watchdog_within = read_watchdog(root);
  config->receivers = read_receivers(root, tools);
  config->self_alerts = read_receiver_names(root, "self_alerts", receiver_names(root));
  config->playbooks = read_playbooks(root, receiver_names(root), *config->inventory);
  check_scopes(root, config->playbooks);
  root.done();
  if (!errors.empty()) return nullptr;
  return config;
}

std::vector<std::string> RemediatorConfig::own_receivers() const {
  if (!self_alerts.empty() || receivers.empty()) return self_alerts;
  return {receivers.front().name};
}

core::Role RemediatorConfig::role_of(std::string_view user) const {
  if (roles.empty()) return core::Role::Admin;
  const auto found = roles.find(user);
  return found == roles.end() ? core::Role::Viewer : found->second;
}

core::Policy policy_of(const RemediatorConfig& config) {
  core::Policy policy;
  policy.guards = config.guards;
  policy.correlation_window = config.correlation_window;
  policy.windows = config.windows;
  policy.kill_switch = config.kill_switch;
  policy.protected_hosts = config.protected_hosts;
  policy.upstream = config.inventory->upstream();
  for (const auto& [below, names] : policy.upstream)
    for (const std::string& above : names) policy.downstream[above].push_back(below);
  for (const GroupSpec& group : config.inventory->groups) {
    policy.targets.insert(core::key_of({core::TargetKind::Group, {}, {}, group.name}));
    if (group.scope)
      policy.scopes[group.name] = {group.scope->cluster, group.scope->cascade,
                                   playbook_named(config, group.scope->playbook)};
    const std::vector<std::string> members = group.members();
    const int size = static_cast<int>(members.size());
    policy.group_sizes[group.name] = size;
    policy.fleet_size += size;
    for (const std::string& host : members) {
      policy.targets.insert(core::key_of({core::TargetKind::Host, {}, host, group.name}));
      for (const CollectorSpec& collector : group.collectors)
        policy.targets.insert(
            core::key_of({core::TargetKind::Collector, collector.name, host, group.name}));
    }
  }
  for (const PlaybookConfig& entry : config.playbooks)
    policy.playbooks[entry.playbook->name] = {entry.playbook->mode, entry.playbook->limits,
                                              entry.playbook->receivers, entry.may_touch};
  for (const ReceiverConfig& receiver : config.receivers)
    policy.receivers[receiver.name] = {
        .send = receiver.send, .channels = static_cast<std::uint32_t>(receiver.channels.size())};
  policy.self_receivers = config.own_receivers();
  policy.watchdog_within = config.watchdog_within;
  policy.alertmanager_known = !config.alertmanager.servers.empty();
  return policy;
}

}  // namespace fieldmedic
