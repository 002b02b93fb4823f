#include "exporter/collector/collector_modules.hpp"

#include <algorithm>
#include <ranges>

#include "common/http_client.hpp"
#include "common/log.hpp"
#include "exporter/collector/drift.hpp"
#include "exporter/collector/health.hpp"
#include "exporter/collector/log.hpp"
#include "exporter/collector/port.hpp"
#include "exporter/collector/process.hpp"
#include "exporter/collector/storage.hpp"
#include "exporter/collector/success.hpp"

namespace fieldmedic {
namespace {

using Configs = std::vector<CollectorConfig>;

// What a module may need to be built.
struct Site {
  const Configs& collectors;
  const HostRoot& host;
  const Clock& clock;
  const std::shared_ptr<FileClient>& files;
  const std::shared_ptr<StateStore>& states;
};

struct ModuleEntry {
  std::string_view name;
  bool (*used_by)(const CollectorConfig&);
  bool (*same)(const CollectorConfig&, const CollectorConfig&);  // as far as the module goes
  std::unique_ptr<Module> (*make)(const Site&);
};

template <auto... Parts>
bool same(const CollectorConfig& a, const CollectorConfig& b) {
  return a.name == b.name && ((a.*Parts == b.*Parts) && ...);
}

constexpr ModuleEntry kModules[] = {
    {"process", [](const CollectorConfig& c) { return !c.process.empty(); },
     same<&CollectorConfig::process>,
     [](const Site& site) -> std::unique_ptr<Module> {
       return std::make_unique<ProcessModule>(site.collectors, site.host, site.clock, site.files);
     }},
    {"port", [](const CollectorConfig& c) { return !c.ports.empty(); },
     same<&CollectorConfig::ports>,
     [](const Site& site) -> std::unique_ptr<Module> {
       return std::make_unique<PortModule>(site.collectors);
     }},
    {"health", [](const CollectorConfig& c) { return !c.health.empty() || !c.peers.empty(); },
     same<&CollectorConfig::health, &CollectorConfig::peers>,
     [](const Site& site) -> std::unique_ptr<Module> {
       return std::make_unique<HealthModule>(site.collectors, site.clock);
     }},
    {"success", [](const CollectorConfig& c) { return c.success.has_value(); },
     same<&CollectorConfig::success>,
     [](const Site& site) -> std::unique_ptr<Module> {
       const SuccessSite shared{site.files, site.states, std::make_shared<CurlHttpClient>(),
                                std::make_shared<Rounds>(site.clock), site.clock};
       return std::make_unique<SuccessModule>(site.collectors, shared, log::warn);
     }},
    {"log", [](const CollectorConfig& c) { return !c.log.files.empty(); },
     same<&CollectorConfig::log>,
     [](const Site& site) -> std::unique_ptr<Module> {
       return std::make_unique<LogModule>(site.collectors, site.files, site.states, site.clock,
                                          log::warn);
     }},
    {"storage", [](const CollectorConfig& c) { return !c.storage.empty(); },
     same<&CollectorConfig::storage>,
     [](const Site& site) -> std::unique_ptr<Module> {
       return std::make_unique<StorageModule>(site.collectors, site.files, site.clock);
     }},
    {"config", [](const CollectorConfig& c) { return !c.drift.files.empty(); },
     same<&CollectorConfig::drift>,
     [](const Site& site) -> std::unique_ptr<Module> {
       return std::make_unique<DriftModule>(site.collectors, site.files, site.clock);
     }},
};

}  // namespace

std::vector<std::string_view> unchanged_collector_modules(const Configs& before,
                                                          const Configs& after) {
  std::vector<std::string_view> names;
  for (const auto& entry : kModules) {
    auto were = before | std::views::filter(entry.used_by);
    auto are = after | std::views::filter(entry.used_by);
    if (!are.empty() && std::ranges::equal(were, are, entry.same)) names.push_back(entry.name);
  }
  return names;
}

std::vector<std::unique_ptr<Module>> make_collector_modules(
    const std::vector<CollectorConfig>& collectors, const HostRoot& host, const Clock& clock,
    const std::shared_ptr<FileClient>& files, const std::shared_ptr<StateStore>& states,
    std::span<const std::string_view> skipped) {
  const Site site{collectors, host, clock, files, states};
  std::vector<std::unique_ptr<Module>> modules;
  for (const auto& entry : kModules) {
    if (!std::ranges::any_of(collectors, entry.used_by)) continue;
    if (std::ranges::find(skipped, entry.name) != skipped.end()) continue;
    modules.push_back(entry.make(site));
  }
  return modules;
}

}  // namespace fieldmedic
