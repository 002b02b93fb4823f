// What exporter.yml says about logs. Plain data.
#pragma once

#include <string>
#include <vector>

#include "common/yaml_reader.hpp"

namespace fieldmedic {

// RE2 expressions, found anywhere in a line; the first list with a match decides, in this order.
struct SeverityPatterns {
  std::vector<std::string> ignore;  // lines that count nowhere
  std::vector<std::string> error;
  std::vector<std::string> warning;
  std::vector<std::string> info;
  bool built_in = true;  // ask severity_of() about lines that none matches; else they are "other"

  friend bool operator==(const SeverityPatterns&, const SeverityPatterns&) = default;
};

struct LogConfig {
  std::vector<std::string> files;  // absolute, with wildcards in the last part (LogPattern)
  SeverityPatterns severity;
  int most_files = 64;  // followed at once, those that were written to last

  friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

// {files, severity: {ignore, error, warning, info, built_in}, most_files}
[[nodiscard]] LogConfig read_log_config(const YamlMap& map);

// A list of paths that LogPattern takes.
[[nodiscard]] std::vector<std::string> read_log_files(const YamlMap& map, std::string_view key);

}  // namespace fieldmedic
