#include "exporter/host/host_config.hpp"

#include <string_view>

#include <fmt/format.h>

#include "common/config_fields.hpp"

namespace fieldmedic {
namespace {

// NAME_exclude and NAME_include, of which one is given at most: an `include` stands instead of the
// excluding default.
NameSelection read_selection(const YamlMap& map, std::string_view name,
                             const NameSelection& fallback) {
  const std::string exclude = fmt::format("{}_exclude", name);
  const std::string include = fmt::format("{}_include", name);
  if (!map.has(include)) {
    return {read_regexp(map, exclude, fallback.exclude), read_regexp(map, include, "")};
  }
  if (map.has(exclude)) {
    map.error(include, fmt::format("'{}' and '{}' cannot be used together", include, exclude));
  }
  return {read_regexp(map, exclude, ""), read_regexp(map, include, "")};
}

}  // namespace

HostConfig read_host_config(const YamlMap& map) {
  HostConfig host;
  const YamlMap filesystem = map.map("filesystem");
  auto& space = host.filesystem;
  space.mount_points = read_selection(filesystem, "mount_points", space.mount_points);
  space.fs_types = read_selection(filesystem, "fs_types", space.fs_types);
  filesystem.done();
  const YamlMap diskstats = map.map("diskstats");
  host.diskstats.devices = read_selection(diskstats, "devices", host.diskstats.devices);
  diskstats.done();
  const YamlMap netdev = map.map("netdev");
  host.netdev.devices = read_selection(netdev, "devices", host.netdev.devices);
  netdev.done();
  const YamlMap netstat = map.map("netstat");
  host.netstat.fields = read_regexp(netstat, "fields", host.netstat.fields);
  netstat.done();
  const YamlMap vmstat = map.map("vmstat");
  host.vmstat.fields = read_regexp(vmstat, "fields", host.vmstat.fields);
  vmstat.done();
  const YamlMap textfile = map.map("textfile");
  if (textfile.has("directory")) host.textfile.directory = read_path(textfile, "directory");
  textfile.done();
  map.done();
  return host;
}

}  // namespace fieldmedic
