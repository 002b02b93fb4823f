// Building prometheus-cpp's metric families with as few allocations as its data model allows.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include <prometheus/metric_family.h>

namespace fieldmedic {

struct LabelView {
  std::string_view name;
  std::string_view value;
};

// An empty family; `samples` is how many will be added.
[[nodiscard]] inline prometheus::MetricFamily make_family(std::string_view name,
                                                          std::string_view help,
                                                          prometheus::MetricType type,
                                                          std::size_t samples) {
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  family.metric.reserve(samples);
  return family;
}

// Adds one sample. Only for counters, gauges and untyped families.
inline void add_sample(prometheus::MetricFamily& family, double value,
                       std::initializer_list<LabelView> labels = {}) {
  auto& metric = family.metric.emplace_back();
  metric.label.reserve(labels.size());
  for (const auto& label : labels) {
    auto& added = metric.label.emplace_back();
    added.name = label.name;
    added.value = label.value;
  }
  switch (family.type) {
    case prometheus::MetricType::Counter: metric.counter.value = value; break;
    case prometheus::MetricType::Gauge: metric.gauge.value = value; break;
    case prometheus::MetricType::Untyped:
    case prometheus::MetricType::Summary:
    case prometheus::MetricType::Histogram: metric.untyped.value = value; break;
  }
}

// A family of one sample without labels.
[[nodiscard]] inline prometheus::MetricFamily single(std::string_view name, std::string_view help,
                                                     prometheus::MetricType type, double value) {
  auto family = make_family(name, help, type, 1);
  add_sample(family, value);
  return family;
}

}  // namespace fieldmedic
