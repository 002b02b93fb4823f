// The checked-in host tree and what tests ask of families.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/host_root.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

[[nodiscard]] inline std::filesystem::path fixture_host() {
  return std::filesystem::path(FIELDMEDIC_SOURCE_DIR) / "tests/fixtures/host-a";
}

[[nodiscard]] inline HostRoot host_at(const std::filesystem::path& folder) {
  return {folder / "proc", folder / "sys", folder / "root"};
}

[[nodiscard]] inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

[[nodiscard]] inline const prometheus::MetricFamily* find_family(const Families& families,
                                                                 std::string_view name) {
  const auto found = std::ranges::find(families, name, &prometheus::MetricFamily::name);
  return found == families.end() ? nullptr : &*found;
}

// The value of the sample with exactly these labels.
[[nodiscard]] inline std::optional<double> value_of(
    const Families& families, std::string_view name,
    const std::map<std::string, std::string>& labels = {}) {
  const auto* family = find_family(families, name);
  if (family == nullptr) return std::nullopt;
  for (const auto& metric : family->metric) {
    std::map<std::string, std::string> own;
    for (const auto& label : metric.label) own.emplace(label.name, label.value);
    if (own != labels) continue;
    if (family->type == prometheus::MetricType::Counter) return metric.counter.value;
    if (family->type == prometheus::MetricType::Gauge) return metric.gauge.value;
    return metric.untyped.value;
  }
  return std::nullopt;
}

}  // namespace fieldmedic
