// What exporter.yml says about the storage of a collector.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml_reader.hpp"

namespace fieldmedic {

struct SyncProbeConfig {
  std::string folder{};  // absolute; empty: no probe
  std::chrono::milliseconds interval{30'000};

  friend bool operator==(const SyncProbeConfig&, const SyncProbeConfig&) = default;
};

struct StorageConfig {
  std::vector<std::string> paths{};  // absolute, each once
  SyncProbeConfig sync_probe{};

  [[nodiscard]] bool empty() const { return paths.empty() && sync_probe.folder.empty(); }
  friend bool operator==(const StorageConfig&, const StorageConfig&) = default;
};

// {paths, sync_probe: {folder, interval}}; absent: empty.
[[nodiscard]] StorageConfig read_storage_config(const YamlMap& map, std::string_view key);

}  // namespace fieldmedic
