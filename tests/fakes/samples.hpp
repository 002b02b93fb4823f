// Looks up one sample in the families of a collector module.
#pragma once

#include <optional>
#include <string_view>

#include "exporter/module.hpp"

namespace fieldmedic {

// The value of `name{collector="…"}`, with one more label where there is one; empty when absent.
[[nodiscard]] inline std::optional<double> sample(const Result<Families>& families,
                                                  std::string_view name, std::string_view collector,
                                                  std::string_view more = {}) {
  if (!families) return std::nullopt;
  for (const auto& family : *families) {
    if (family.name != name) continue;
    for (const auto& metric : family.metric) {
      if (metric.label.front().value != collector) continue;
      if (!more.empty() && metric.label.back().value != more) continue;
      return family.type == prometheus::MetricType::Counter ? metric.counter.value
                                                            : metric.gauge.value;
    }
  }
  return std::nullopt;
}

}  // namespace fieldmedic
