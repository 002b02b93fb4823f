#include "exporter/collector/collector_modules.hpp"

#include <algorithm>

#include "exporter/collector/log.hpp"
#include "exporter/collector/port.hpp"
#include "exporter/collector/process.hpp"
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
};

struct ModuleEntry {
  bool (*used_by)(const CollectorConfig&);
  std::unique_ptr<Module> (*make)(const Site&);
};

constexpr ModuleEntry kModules[] = {
    {[](const CollectorConfig& c) { return !c.process.empty(); },
     [](const Site& site) -> std::unique_ptr<Module> {
       return std::make_unique<ProcessModule>(site.collectors, site.host, site.clock);
     }},
    {[](const CollectorConfig& c) { return !c.ports.empty(); },
     [](const Site& site) -> std::unique_ptr<Module> {
       return std::make_unique<PortModule>(site.collectors);
     }},
    {[](const CollectorConfig& c) { return c.success.has_value(); },
     [](const Site& site) -> std::unique_ptr<Module> {
       return std::make_unique<SuccessModule>(site.collectors);
     }},
    {[](const CollectorConfig& c) { return !c.log.files.empty(); },
     [](const Site& site) -> std::unique_ptr<Module> {
       return std::make_unique<LogModule>(site.collectors);
     }},
};

}  // namespace

std::vector<std::unique_ptr<Module>> make_collector_modules(
    const std::vector<CollectorConfig>& collectors, const HostRoot& host, const Clock& clock,
    const std::shared_ptr<FileClient>& files) {
  const Site site{collectors, host, clock, files};
  std::vector<std::unique_ptr<Module>> modules;
  for (const auto& entry : kModules) {
    if (!std::ranges::any_of(collectors, entry.used_by)) continue;
    modules.push_back(entry.make(site));
  }
  return modules;
}

}  // namespace fieldmedic
