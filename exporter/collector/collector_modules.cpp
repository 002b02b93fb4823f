#include "exporter/collector/collector_modules.hpp"

#include <algorithm>

#include "exporter/collector/log.hpp"
#include "exporter/collector/port.hpp"
#include "exporter/collector/process.hpp"
#include "exporter/collector/success.hpp"

namespace fieldmedic {
namespace {

using Configs = std::vector<CollectorConfig>;

struct ModuleEntry {
  bool (*used_by)(const CollectorConfig&);
  std::unique_ptr<Module> (*make)(const Configs&, const HostRoot&, const Clock&);
};

constexpr ModuleEntry kModules[] = {
    {[](const CollectorConfig& c) { return !c.process.empty(); },
     [](const Configs& configs, const HostRoot& host,
        const Clock& clock) -> std::unique_ptr<Module> {
       return std::make_unique<ProcessModule>(configs, host, clock);
     }},
    {[](const CollectorConfig& c) { return !c.ports.empty(); },
     [](const Configs& configs, const HostRoot&, const Clock&) -> std::unique_ptr<Module> {
       return std::make_unique<PortModule>(configs);
     }},
    {[](const CollectorConfig& c) { return c.success.has_value(); },
     [](const Configs& configs, const HostRoot&, const Clock&) -> std::unique_ptr<Module> {
       return std::make_unique<SuccessModule>(configs);
     }},
    {[](const CollectorConfig& c) { return !c.log.files.empty(); },
     [](const Configs& configs, const HostRoot&, const Clock&) -> std::unique_ptr<Module> {
       return std::make_unique<LogModule>(configs);
     }},
};

}  // namespace

std::vector<std::unique_ptr<Module>> make_collector_modules(
    const std::vector<CollectorConfig>& collectors, const HostRoot& host, const Clock& clock) {
  std::vector<std::unique_ptr<Module>> modules;
  for (const auto& entry : kModules) {
    if (!std::ranges::any_of(collectors, entry.used_by)) continue;
    modules.push_back(entry.make(collectors, host, clock));
  }
  return modules;
}

}  // namespace fieldmedic
