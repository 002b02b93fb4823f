// What exporter.yml says about the collectors under care. Plain data.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/collector/drift_config.hpp"
#include "exporter/collector/health_config.hpp"
#include "exporter/collector/log_config.hpp"
#include "exporter/collector/process_config.hpp"
#include "exporter/collector/storage_config.hpp"

namespace fieldmedic {

// Whose own counters tell of success. A new one: here, in to_string, and in the table of
// exporter/config.cpp.
enum class SuccessKind { RsyslogImpstats };

// As written in exporter.yml.
[[nodiscard]] constexpr std::string_view to_string(SuccessKind kind) {
  switch (kind) {
    case SuccessKind::RsyslogImpstats: return "rsyslog_impstats";
  }
  return "invalid";
}

struct SuccessConfig {
  SuccessKind kind = SuccessKind::RsyslogImpstats;
  std::string file;    // where the collector writes its counters, absolute
  std::string action;  // which of its actions delivers

  friend bool operator==(const SuccessConfig&, const SuccessConfig&) = default;
};

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
