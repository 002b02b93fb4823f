#include "exporter/collector/drift_config.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "exporter/collector/drift_baseline.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostFiles = 64;
constexpr DurationBounds kInterval{5s, 24h};

WatchedFileConfig read_file(const YamlMap& map) {
  WatchedFileConfig file;
  file.path = read_required_path(map, "path");
  if (map.has("sha256")) {
    const auto digest = parse_sha256(map.string("sha256"));
    if (!digest) map.error("sha256", "'sha256' wants 64 hexadecimal digits");
    file.sha256 = digest.value_or("");
  }
  map.done();
  return file;
}

// A path, or a map with its own digest.
WatchedFileConfig read_watched(const YamlValue& value, const std::string& baseline) {
  const auto map = value.map();
  if (baseline.empty() && !(map && map->has("sha256")))
    value.error("the file wants a 'sha256', or 'files' a 'baseline' beside it");
  if (map) return read_file(*map);
  auto path = value.string().value_or("");
  if (!path.starts_with('/'))
    value.error(fmt::format(
        "each element of 'files' wants an absolute path or {{path, sha256}}, got {}", quote(path)));
  return {.path = std::move(path)};
}

}  // namespace

DriftConfig read_drift_config(const YamlMap& map, std::string_view key) {
  DriftConfig config;
  const YamlMap drift = map.map(key);
  config.baseline = read_path(drift, "baseline");
  config.interval = read_bounded_duration(drift, "interval", config.interval, kInterval);
  std::set<std::string> taken;
  for (const YamlValue& value : drift.values("files")) {
    config.files.push_back(read_watched(value, config.baseline));
    const auto& path = config.files.back().path;
    if (!taken.insert(path).second) value.error(fmt::format("'files' has '{}' twice", path));
  }
  if (config.files.size() > kMostFiles)
    drift.error("files", fmt::format("'files' wants at most {} files", kMostFiles));
  if (map.has(key)) drift.require("files");
  drift.done();
  return config;
}

}  // namespace fieldmedic
