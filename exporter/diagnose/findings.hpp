// Everything that was gathered for one diagnosis. Plain data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/log_stacks.hpp"
#include "exporter/diagnose/readings.hpp"
#include "exporter/files/file_client.hpp"

namespace fieldmedic {

// A path whose file system the collector needs.
struct AskedSpace {
  enum class Role { Storage, LogFolder } role = Role::Storage;
  std::string path;
  Result<FilesystemSpace> space;
};

struct Findings {
  CollectorConfig config;
  WallTime at{};        // when it was asked
  Readings readings{};  // all modules that are asked once
  // Of cpu and process, two readings and the time between them: what is used *now*.
  Readings before{};
  Readings after{};
  double apart_seconds = 0;                   // 0: there was no time for the second one
  std::optional<Result<RecentStacks>> log{};  // absent: no log files are declared
  std::vector<AskedSpace> spaces{};
};

}  // namespace fieldmedic
