#include <algorithm>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

// A name that Prometheus takes for a label.
std::string read_label(const YamlMap& map, std::string_view key, const std::string& fallback) {
  std::string label = map.string(key, fallback);
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool digit = !label.empty() && label.front() >= '0' && label.front() <= '9';
  if (label.empty() || digit || !std::ranges::all_of(label, fits))
    map.error(key, fmt::format("'{}' wants the name of a label, got {}", key, quote(label)));
  return label;
}

}  // namespace

FileSd read_file_sd_config(const ConfigFile& file) {
  FileSd config;
  if (!file.root.has("file_sd")) return config;
  const YamlMap map = file.root.map("file_sd");
  map.require("files");
  for (const std::string& pattern : map.strings("files"))
    config.patterns.push_back((file.folder / pattern).string());
  if (config.patterns.size() > kMostFileSdFiles)
    map.error("files", fmt::format("'files' wants at most {} of them", kMostFileSdFiles));
  config.host_label = read_label(map, "host_label", config.host_label);
  config.group_label = read_label(map, "group_label", config.group_label);
  map.done();
  return config;
}

}  // namespace fieldmedic
