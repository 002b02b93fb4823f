#include "exporter/collector/storage_config.hpp"

#include <set>

#include <fmt/format.h>

#include "common/config_fields.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostPaths = 16;
constexpr DurationBounds kInterval{5s, 1h};  // a probe a second would be load, not a look

}  // namespace

StorageConfig read_storage_config(const YamlMap& map, std::string_view key) {
  StorageConfig config;
  const YamlMap storage = map.map(key);
  config.paths = read_paths(storage, "paths");
  std::set<std::string_view> taken;
  for (const auto& path : config.paths) {
    if (!taken.insert(path).second)
      storage.error("paths", fmt::format("'paths' has '{}' twice", path));
  }
  if (config.paths.size() > kMostPaths)
    storage.error("paths", fmt::format("'paths' wants at most {} paths", kMostPaths));
  if (storage.has("sync_probe")) {
    const YamlMap probe = storage.map("sync_probe");
    config.sync_probe.folder = read_required_path(probe, "folder");
    config.sync_probe.interval =
        read_bounded_duration(probe, "interval", config.sync_probe.interval, kInterval);
    probe.done();
  }
  storage.done();
  return config;
}

}  // namespace fieldmedic
