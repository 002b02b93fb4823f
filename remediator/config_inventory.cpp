#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "common/server_access_config.hpp"
#include "remediator/config_parts.hpp"
#include "remediator/reach/container_engine.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

constexpr DurationBounds kStopTimeout{milliseconds{100}, kLongestWait};
constexpr std::size_t kMostHealthUrls = 16;  // each may take a check's whole timeout
constexpr std::size_t kMostPorts = 16;       // the check port asks no more

// Over the whole fleet: a host is found by its name alone.
struct TakenHosts {
  std::set<std::string> names;
  bool this_machine = false;
  std::set<std::pair<std::string, std::uint16_t>> addresses;
  std::set<std::string> engines;
};

// Where the evidence of /diagnose comes from.
ServerAccess read_exporter(const YamlMap& host, const std::filesystem::path& folder) {
  if (!host.has("exporter")) return {};
  const YamlMap map = host.map("exporter");
  ServerAccess exporter = read_server_access(map, folder);
  map.done();
  return exporter;
}

HostSpec read_host(const YamlMap& map, TakenHosts& taken, const std::filesystem::path& folder) {
  HostSpec host;
  host.name = read_name(map, "name", taken.names);
  read_reach(map, folder, host);
  // What is meant for another machine must not be done to this one.
  const bool local = host.reach == Reach::Local && map.has("reach");
  if (local && taken.this_machine)
    map.error("reach", "'reach: local' is this machine; only one host can be it");
  taken.this_machine = taken.this_machine || local;
  // Two names for one machine would be guarded as two.
  const SshAccess& ssh = host.ssh;
  if (!ssh.address.empty() && !taken.addresses.insert({ssh.address, ssh.port}).second)
    map.error("reach",
              fmt::format("another host is reached at {} port {} already", ssh.address, ssh.port));
  host.exporter = read_exporter(map, folder);
  host.engine = read_host_engine(map, folder);
  if (host.engine && !host.engine->server.url.empty() &&
      !taken.engines.insert(host.engine->server.url).second)
    map.error("container_engine", "another host has this container engine already");
  map.done();
  return host;
}

std::vector<std::string> read_start(const YamlMap& map) {
  std::vector<std::string> argv = map.strings("start");
  if (!argv.empty() && !argv.front().starts_with('/'))
    map.error("start", fmt::format("'start' wants the program's absolute path first, got {}",
                                   quote(argv.front())));
  return argv;
}

// "NAME=value" each. The value may be a secret: it is not shown.
std::vector<std::string> read_environment(const YamlMap& map) {
  std::vector<std::string> variables = map.strings("environment");
  const auto named = [](const std::string& variable) { return variable.find('=') + 1 > 1; };
  if (!std::ranges::all_of(variables, named))
    map.error("environment", "each element of 'environment' wants NAME=value");
  return variables;
}

std::string read_container(const YamlMap& map) {
  if (!map.has("container")) return {};
  std::string container = map.string("container", "");
  if (!is_container_name(container))
    map.error("container", fmt::format("'container' wants the name or id of a container, got {}",
                                       quote(container)));
  return container;
}

// systemd_restart restarts nothing else, and would only find out when it is wanted.
std::string read_service(const YamlMap& map) {
  std::string unit = read_unit(map, "unit");
  const std::size_t dot = unit.rfind('.');
  if (dot != std::string::npos && std::string_view(unit).substr(dot) != ".service")
    map.error("unit", fmt::format("'unit' wants a service such as orders.service, got {}: only "
                                  "services are restarted",
                                  quote(unit)));
  return unit;
}

CollectorSpec read_collector(const YamlMap& map, std::set<std::string>& taken) {
  CollectorSpec collector;
  collector.name = read_name(map, "name", taken);
  collector.process = read_process_pattern(map, "process");
  collector.start = read_start(map);
  if (map.has("working_directory"))
    collector.working_directory = read_required_path(map, "working_directory");
  collector.environment = read_environment(map);
  collector.stop_timeout =
      read_bounded_duration(map, "stop_timeout", collector.stop_timeout, kStopTimeout);
  collector.unit = read_service(map);
  collector.container = read_container(map);
  collector.ports = read_addresses(map, "ports");
  if (collector.ports.size() > kMostPorts)
    map.error("ports", fmt::format("'ports' wants at most {} addresses", kMostPorts));
  collector.health = read_urls(map, "health");
  collector.depends_on = map.strings("depends_on");
  if (map.has("kubernetes")) collector.workload = read_workload_name(map.map("kubernetes"));
  if (collector.health.size() > kMostHealthUrls)
    map.error("health", fmt::format("'health' wants at most {} URLs", kMostHealthUrls));
  map.done();
  return collector;
}

}  // namespace

std::shared_ptr<const Inventory> read_inventory(const ConfigFile& file) {
  auto inventory = std::make_shared<Inventory>();
  std::set<std::string> groups;
  TakenHosts hosts;
  for (const YamlMap& map : file.root.maps("groups")) {
    GroupSpec& group = inventory->groups.emplace_back();
    group.name = read_name(map, "name", groups);
    for (const YamlMap& host : map.maps("hosts"))
      group.hosts.push_back(read_host(host, hosts, file.folder));
    std::set<std::string> collectors;
    for (const YamlMap& collector : map.maps("collectors"))
      group.collectors.push_back(read_collector(collector, collectors));
    if (map.has("scope")) group.scope = read_scope(map.map("scope"));
    map.done();
  }
  check_dependencies(file.root, *inventory);
  return inventory;
}

}  // namespace fieldmedic
