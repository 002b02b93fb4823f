#include "exporter/collector/log_config.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include "common/quote.hpp"
#include "exporter/collector/log_rotation.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostPatterns = 64;
constexpr int kMostFiles = 256;

std::vector<std::string> read_patterns(const YamlMap& map, std::string_view key) {
  std::vector<std::string> patterns;
  re2::RE2::Options options;
  options.set_log_errors(false);
  for (const YamlValue& value : map.values(key)) {
    const auto text = value.string();
    if (!text) {
      value.error(fmt::format("each element of '{}' wants a regular expression", key));
    } else if (const re2::RE2 compiled(*text, options); !compiled.ok()) {
      value.error(fmt::format("each element of '{}' wants a regular expression (RE2), got {}: {}",
                              key, quote(*text), compiled.error()));
    } else {
      patterns.push_back(*text);
    }
  }
  if (patterns.size() > kMostPatterns) {
    map.error(key, fmt::format("'{}' takes {} patterns at most", key, kMostPatterns));
  }
  return patterns;
}

}  // namespace

std::vector<std::string> read_log_files(const YamlMap& map, std::string_view key) {
  std::vector<std::string> files;
  for (const YamlValue& value : map.values(key)) {
    const auto text = value.string();
    if (!text) {
      value.error(fmt::format("each element of '{}' wants an absolute path", key));
    } else if (const auto pattern = LogPattern::parse(*text); !pattern) {
      value.error(fmt::format("each element of '{}' {}", key, pattern.error().message));
    } else {
      files.push_back(*text);
    }
  }
  if (files.size() > kMostPatterns) {
    map.error(key, fmt::format("'{}' takes {} paths at most", key, kMostPatterns));
  }
  return files;
}

LogConfig read_log_config(const YamlMap& map) {
  LogConfig config;
  config.files = read_log_files(map, "files");
  config.most_files = static_cast<int>(map.integer("most_files", config.most_files, 1, kMostFiles));
  const YamlMap severity = map.map("severity");
  config.severity = {.ignore = read_patterns(severity, "ignore"),
                     .error = read_patterns(severity, "error"),
                     .warning = read_patterns(severity, "warning"),
                     .info = read_patterns(severity, "info"),
                     .built_in = severity.boolean("built_in", true)};
  severity.done();
  map.done();
  return config;
}

}  // namespace fieldmedic
