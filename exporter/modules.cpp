#include "exporter/modules.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "exporter/collector/collector_modules.hpp"
#include "exporter/host/cpu.hpp"
#include "exporter/host/diskstats.hpp"
#include "exporter/host/filefd.hpp"
#include "exporter/host/filesystem.hpp"
#include "exporter/host/loadavg.hpp"
#include "exporter/host/meminfo.hpp"
#include "exporter/host/netdev.hpp"
#include "exporter/host/netstat.hpp"
#include "exporter/host/pressure.hpp"
#include "exporter/host/sockstat.hpp"
#include "exporter/host/stat.hpp"
#include "exporter/host/textfile.hpp"
#include "exporter/host/time.hpp"
#include "exporter/host/timex.hpp"
#include "exporter/host/uname.hpp"
#include "exporter/host/vmstat.hpp"
#include "exporter/link/link.hpp"
#include "exporter/self.hpp"

namespace fieldmedic {
namespace {

// What a module may need to be built.
struct Site {
  const HostConfig& config;
  const HostRoot& host;
  const Clock& clock;
  const std::shared_ptr<FileClient>& files;
};

struct HostModule {
  std::string_view name;
  std::unique_ptr<Module> (*make)(const Site&);  // nullptr: this host does not have it
};

constexpr std::array<HostModule, 17> kHostModules{{
    {"cpu", [](const Site& site) { return make_cpu_module(site.host); }},
    {"diskstats",
     [](const Site& site) { return make_diskstats_module(site.host, site.config.diskstats); }},
    {"filefd", [](const Site& site) { return make_filefd_module(site.host); }},
    {"filesystem",
     [](const Site& site) {
       return make_filesystem_module(site.host, site.config.filesystem, site.files);
     }},
    {"loadavg", [](const Site& site) { return make_loadavg_module(site.host); }},
    {"meminfo", [](const Site& site) { return make_meminfo_module(site.host); }},
    {"netdev", [](const Site& site) { return make_netdev_module(site.host, site.config.netdev); }},
    {"netstat",
     [](const Site& site) { return make_netstat_module(site.host, site.config.netstat); }},
    {"pressure", [](const Site& site) { return make_pressure_module(site.host); }},
    {"sockstat", [](const Site& site) { return make_sockstat_module(site.host); }},
    {"stat", [](const Site& site) { return make_stat_module(site.host); }},
    {"textfile",
     [](const Site& site) { return make_textfile_module(site.config.textfile, site.files); }},
    {"time", [](const Site& site) { return make_time_module(site.host, site.clock); }},
    {"timex", [](const Site&) { return make_timex_module(); }},
    {"uname", [](const Site&) { return make_uname_module(); }},
    {"vmstat", [](const Site& site) { return make_vmstat_module(site.host, site.config.vmstat); }},
    {"self", [](const Site&) { return make_self_module(); }},
}};

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::vector<std::string_view> unchanged_modules(const ExporterConfig& before,
                                                const ExporterConfig& after) {
  auto names = unchanged_collector_modules(before.collectors, after.collectors);
  std::erase_if(names, [&](std::string_view name) {
    return holds(before.disabled_modules, name) || holds(after.disabled_modules, name);
  });
  return names;
}

std::vector<std::string_view> host_module_names() {
  std::vector<std::string_view> names;
  for (const auto& entry : kHostModules) names.push_back(entry.name);
  return names;
}

std::vector<std::unique_ptr<Module>> make_modules(const ExporterConfig& config,
                                                  const HostRoot& host, const Clock& clock,
                                                  const std::shared_ptr<FileClient>& files,
                                                  const std::shared_ptr<StateStore>& states,
                                                  const std::shared_ptr<LinkWatch>& link_watch,
                                                  std::span<const std::string_view> kept) {
  const auto disabled = [&](std::string_view name) { return holds(config.disabled_modules, name); };
  std::vector<std::unique_ptr<Module>> modules;
  for (const auto& entry : kHostModules) {
    if (disabled(entry.name)) continue;
    if (auto module = entry.make(Site{config.host, host, clock, files})) {
      modules.push_back(std::move(module));
    }
  }
  std::vector<std::string_view> skipped(kept.begin(), kept.end());
  skipped.insert(skipped.end(), config.disabled_modules.begin(), config.disabled_modules.end());
  for (auto& module :
       make_collector_modules(config.collectors, host, clock, files, states, skipped)) {
    modules.push_back(std::move(module));
  }
  if (!config.links.empty() && !disabled("link")) {
    modules.push_back(std::make_unique<LinkModule>(config.links, link_watch));
  }
  return modules;
}

}  // namespace fieldmedic
