// What exporter.yml says about the configuration files of a collector.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml_reader.hpp"

namespace fieldmedic {

struct WatchedFileConfig {
  std::string path{};    // absolute
  std::string sha256{};  // 64 hexadecimal digits, lower case; empty: the baseline says

  friend bool operator==(const WatchedFileConfig&, const WatchedFileConfig&) = default;
};

struct DriftConfig {
  std::vector<WatchedFileConfig> files{};
  std::string baseline{};  // absolute; what sha256sum wrote; empty: none
  std::chrono::milliseconds interval{60'000};

  friend bool operator==(const DriftConfig&, const DriftConfig&) = default;
};

// {files: [PATH or {path, sha256}], baseline, interval}; absent: empty. A file wants a digest of
// its own or a baseline.
[[nodiscard]] DriftConfig read_drift_config(const YamlMap& map, std::string_view key);

}  // namespace fieldmedic
