// What the configuration says about the collectors of this host, checked before it gets here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/process_table.hpp"

namespace fieldmedic {

// Where a collector's own counters are found.
struct SuccessConfig {
  std::string kind;  // "rsyslog_impstats"
  std::string file;
  std::string action;

  friend bool operator==(const SuccessConfig&, const SuccessConfig&) = default;
};

struct LogConfig {
  std::vector<std::string> files;

  friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

struct CollectorConfig {
  std::string name;  // the value of the label `collector`
  ProcessPattern process;
  std::vector<std::string> ports;  // "127.0.0.1:5514", "[::1]:5514"
  std::optional<SuccessConfig> success;
  LogConfig log;

  friend bool operator==(const CollectorConfig&, const CollectorConfig&) = default;
};

}  // namespace fieldmedic
