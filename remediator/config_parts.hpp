// The parts of remediator.yml, one reader each; only read_remediator_config and they include this.
// Each records its errors and answers something that is of use only when there was none.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "remediator/config.hpp"

namespace fieldmedic {

// The longest hold, deadline or timeout.
inline constexpr std::chrono::hours kLongestWait{24};

// The file's mapping, its errors and its folder, from which relative paths go.
struct ConfigFile {
  YamlMap root;
  ConfigErrors& errors;
  std::filesystem::path folder;
};

// `authentication`, `web_config_file`.
[[nodiscard]] WebConfig read_web_access(const ConfigFile& file);
// `journal`.
[[nodiscard]] JournalConfig read_journal(const ConfigFile& file);
[[nodiscard]] ServerPool read_prometheus_access(const ConfigFile& file);
[[nodiscard]] AlertmanagerAccess read_alertmanager_access(const ConfigFile& file);
// `container_engine`.
[[nodiscard]] ContainerEngineConfig read_container_engine(const ConfigFile& file);
// The same of one host, from the host's mapping.
[[nodiscard]] std::optional<EngineAccess> read_host_engine(const YamlMap& host,
                                                           const std::filesystem::path& folder);

// `file_sd`.
[[nodiscard]] FileSd read_file_sd_config(const ConfigFile& file);

// `kubernetes` of a host's `reach`: its mapping.
[[nodiscard]] std::shared_ptr<const KubernetesAccess> read_kubernetes_reach(
    const YamlMap& map, const std::filesystem::path& folder);

// `kubernetes` of a collector: its mapping.
[[nodiscard]] WorkloadName read_workload_name(const YamlMap& map);

// `reach` of one host, from the host's mapping.
void read_reach(const YamlMap& map, const std::filesystem::path& folder, HostSpec& host);

// `groups`.
[[nodiscard]] std::shared_ptr<const Inventory> read_inventory(const ConfigFile& file);

// `scope` of one group: its mapping.
[[nodiscard]] ScopeSpec read_scope(const YamlMap& map);

// Records an error for each `depends_on` in `root` that names no collector, and for a circle.
void check_dependencies(const YamlMap& root, const Inventory& inventory);

// The same for each scope whose playbook is not there or is not one for a group.
void check_scopes(const YamlMap& root, const std::vector<PlaybookConfig>& playbooks);

// A count such as 20, or a share from 1% to 100%.
[[nodiscard]] core::Share read_share(const YamlMap& map, std::string_view key,
                                     core::Share fallback);

// `guards`.
[[nodiscard]] core::GuardLimits read_guards(const YamlMap& root);

// `correlation_window`; 0: none.
[[nodiscard]] std::chrono::milliseconds read_correlation_window(const YamlMap& root);

// `watchdog`: how often its alert must come.
[[nodiscard]] std::chrono::milliseconds read_watchdog(const YamlMap& root);

// A list of names of receivers under `key`. `receivers` holds those that there are.
[[nodiscard]] std::vector<std::string> read_receiver_names(const YamlMap& map, std::string_view key,
                                                           const std::set<std::string>& receivers);

// `receivers`.
[[nodiscard]] std::vector<ReceiverConfig> read_receivers(const YamlMap& root,
                                                         const NotifierTools& tools);

// `windows`: times in which nothing is done.
[[nodiscard]] std::vector<core::Window> read_windows(const YamlMap& root);

// `roles`: of the users in `web`.
[[nodiscard]] std::map<std::string, core::Role, std::less<>> read_roles(const YamlMap& root,
                                                                        const WebConfig& web);
// A list of names of hosts that the inventory knows.
[[nodiscard]] std::set<std::string, std::less<>> read_hosts(const YamlMap& map,
                                                            std::string_view key,
                                                            const Inventory& inventory);
// `approval` of one tier: its mapping.
[[nodiscard]] core::Approval read_approval(const YamlMap& map);

// `playbooks` and `dry_run`. `receivers` holds the names that `notify` may use.
[[nodiscard]] std::vector<PlaybookConfig> read_playbooks(const YamlMap& root,
                                                         const std::set<std::string>& receivers,
                                                         const Inventory& inventory);

// What a playbook can be about. All of it belongs to the inventory.
struct Subjects {
  // None: its targets are hosts, or the inventory has no such collector. Without a value nothing
  // can be said.
  std::optional<std::vector<const CollectorSpec*>> collectors{};
  std::vector<const HostSpec*> hosts{};  // none: nothing can be said
  enum class Prometheus { Configured, None } prometheus = Prometheus::Configured;
};
// Of a target that is no group.
[[nodiscard]] Subjects subjects_of(const Inventory& inventory, const TargetTemplate& target);
// An error at the check or action in `map`, {NAME: {arguments}}, when it names no port, URL, unit
// or the like itself and none of the subjects declares one, or asks a Prometheus that is not
// configured: it could never pass, or never be done.
void require_for_check(const YamlMap& map, const core::Spec& check, const Subjects& subjects);
void require_for_action(const YamlMap& map, const core::Spec& action, const Subjects& subjects);

// An error there, and false, when none of the hosts is reached in a way that it `serves`. What
// their collectors declare is no fault of its own then.
[[nodiscard]] bool require_reachable(const YamlMap& map, const core::Spec& spec,
                                     const Subjects& subjects,
                                     bool (*serves)(const core::Spec& spec, const HostSpec& host));

// `checks` of a mapping; `hold` of those that name none.
[[nodiscard]] std::vector<core::CheckSpec> read_checks(const YamlMap& map,
                                                       std::chrono::milliseconds hold,
                                                       const Subjects& subjects);

// `lease` of a tier: its mapping.
[[nodiscard]] core::LeaseTerms read_lease(const YamlMap& map, const Subjects& subjects);
// That the tier in `map` has a lease if, and only if, its action makes a temporary change.
void check_lease(const YamlMap& map, const core::Tier& tier);

// `verify` of one playbook: its mapping.
[[nodiscard]] core::Verification read_verification(const YamlMap& verify, const Subjects& subjects);

}  // namespace fieldmedic
