// remediator.yml as typed data. The defaults are in the structs.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/matcher.hpp"
#include "common/server_pool.hpp"
#include "common/template.hpp"
#include "common/web_config.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/checks/check.hpp"
#include "remediator/core/guard_limits.hpp"
#include "remediator/core/playbook.hpp"
#include "remediator/core/policy.hpp"
#include "remediator/file_sd.hpp"
#include "remediator/notify/notifier.hpp"
#include "remediator/reach/inventory.hpp"

namespace fieldmedic {

struct AlertmanagerAccess {
  ServerPool servers;
  std::string receiver;  // the name that our receiver has in Alertmanager's configuration
};

struct JournalConfig {
  std::filesystem::path path = "/var/lib/fieldmedic/journal.db";
  std::chrono::milliseconds keep = std::chrono::days(365);  // at least; 0: for ever

  friend bool operator==(const JournalConfig&, const JournalConfig&) = default;
};

struct ContainerEngineConfig {
  EngineAccess access{.socket = "/run/docker.sock"};
  std::filesystem::path evidence;  // empty: `containers` beside the journal
};

// What an alert's labels say about where it happened. Filled in from labels.* only.
struct TargetTemplate {
  std::optional<Template> collector;  // absent: the host itself is the target
  Template host;
  std::optional<Template> group{};  // the whole group is the target; the others are then not given
};

struct PlaybookConfig {
  std::vector<Matcher> match;  // all must match; never empty
  TargetTemplate target;
  std::shared_ptr<const core::Playbook> playbook;  // never null
  std::set<std::string, std::less<>> may_touch;    // protected hosts, by name
};

struct ChannelConfig {
  std::string type;                    // its name in the table of channels
  std::shared_ptr<Notifier> notifier;  // never null
};

struct ReceiverConfig {
  std::string name;
  core::ReceiverPolicy::Send send = core::ReceiverPolicy::Send::All;
  std::vector<ChannelConfig> channels;  // never empty
};

// Immutable once read; shared between threads by shared_ptr<const RemediatorConfig>. Holds secrets.
struct RemediatorConfig {
  std::string listen = "127.0.0.1:9988";
  WebConfig web;  // without users only when `authentication: none` says so
  JournalConfig journal;
  ServerPool prometheus;
  AlertmanagerAccess alertmanager;
  ContainerEngineConfig container_engine;
  FileSd file_sd;
  std::shared_ptr<const Inventory> inventory;  // never null
  std::vector<PlaybookConfig> playbooks;       // in order: the first that matches an alert serves
  core::GuardLimits guards;
  std::chrono::milliseconds watchdog_within{300'000};    // 0: no Watchdog alert is expected
  std::chrono::milliseconds correlation_window{30'000};  // S7; 0: none
  std::vector<core::Window> windows;
  bool kill_switch = false;                              // act on nothing
  std::set<std::string, std::less<>> protected_hosts;    // S12: what the remediator stands on
  std::map<std::string, core::Role, std::less<>> roles;  // by user; empty: all are admins
  std::vector<ReceiverConfig> receivers;
  std::vector<std::string> self_alerts;  // names of receivers; empty: the first one

  // Who hears of the remediator's own troubles.
  [[nodiscard]] std::vector<std::string> own_receivers() const;
  // What this user may ask. Everybody is an admin where nobody has to log in, or no roles are
  // given.
  [[nodiscard]] core::Role role_of(std::string_view user) const;
};

// Reads the file and those it names (web_config_file, *_file; relative ones stand beside it).
// Null when there was any error; all of them are recorded. `tools` must outlive the answer.
[[nodiscard]] std::unique_ptr<const RemediatorConfig> read_remediator_config(
    const std::filesystem::path& file, const NotifierTools& tools, ConfigErrors& errors);

// What the deciding needs of it.
[[nodiscard]] core::Policy policy_of(const RemediatorConfig& config);

}  // namespace fieldmedic
