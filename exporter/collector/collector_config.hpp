// What exporter.yml says about the collectors under care. Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporter/collector/drift_config.hpp"
#include "exporter/collector/health_config.hpp"
#include "exporter/collector/log_config.hpp"
#include "exporter/collector/process_config.hpp"
#include "exporter/collector/storage_config.hpp"
#include "exporter/collector/success_config.hpp"

namespace fieldmedic {

struct CollectorConfig {
  std::string name;                      // unique
  ProcessConfig process;                 // empty: processes are not looked for
  std::vector<std::string> ports;        // "127.0.0.1:5514", valid addresses
  std::optional<SuccessConfig> success;  // absent: no counters
  LogConfig log;
  StorageConfig storage{};
  DriftConfig drift{};
  std::vector<ProbeConfig> health{};
  std::vector<ProbeConfig> peers{};  // other programs that it needs

  friend bool operator==(const CollectorConfig&, const CollectorConfig&) = default;
};

}  // namespace fieldmedic
