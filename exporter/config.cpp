#include "exporter/config.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/config_fields.hpp"
#include "common/nearest_word.hpp"

namespace fieldmedic {
namespace {

const std::vector<std::string_view> kModules = {
    "cpu",      "diskstats", "filefd", "filesystem", "loadavg", "meminfo", "netdev", "netstat",
    "pressure", "sockstat",  "stat",   "textfile",   "time",    "timex",   "uname",  "vmstat",
    "process",  "port",      "health", "success",    "log",     "storage", "config", "link"};

std::vector<std::string> read_disabled_modules(const YamlMap& modules) {
  std::vector<std::string> disabled;
  for (const YamlValue& value : modules.values("disable")) {
    const std::string name = value.string().value_or("");
    if (std::ranges::find(kModules, name) == kModules.end())
      value.error(fmt::format("'{}' is no module, wants one of {}{}", name,
                              fmt::join(kModules, ", "), did_you_mean(name, kModules)));
    else
      disabled.push_back(name);
  }
  modules.done();
  return disabled;
}

CollectorConfig read_collector(const YamlMap& map, std::set<std::string>& taken) {
  CollectorConfig collector;
  collector.name = read_name(map, "name", taken);
  collector.process = read_process_config(map, "process");
  collector.ports = read_addresses(map, "ports");
  collector.health = read_health_config(map, "health");
  collector.peers = read_peers_config(map, "peers");
  if (map.has("success")) collector.success = read_success_config(map.map("success"));
  collector.log = read_log_config(map.map("log"));
  collector.storage = read_storage_config(map, "storage");
  collector.drift = read_drift_config(map, "config");
  map.done();
  return collector;
}

}  // namespace

ExporterConfig read_exporter_config(const std::filesystem::path& file, ConfigErrors& errors) {
  ExporterConfig config;
  if (file.empty()) return config;
  const YamlMap root = read_yaml_file(file, errors);
  config.disabled_modules = read_disabled_modules(root.map("modules"));
  config.host = read_host_config(root.map("host"));
  const YamlMap storage = root.map("storage");
  config.storage_path = read_path(storage, "path");
  storage.done();
  std::set<std::string> names;
  for (const YamlMap& map : root.maps("collectors"))
    config.collectors.push_back(read_collector(map, names));
  config.links = read_links(root);
  root.done();
  return config;
}

}  // namespace fieldmedic
