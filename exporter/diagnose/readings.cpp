#include "exporter/diagnose/readings.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

double value_of(const prometheus::MetricFamily& family, const prometheus::ClientMetric& metric) {
  switch (family.type) {
    case prometheus::MetricType::Counter: return metric.counter.value;
    case prometheus::MetricType::Gauge: return metric.gauge.value;
    case prometheus::MetricType::Histogram:
      return static_cast<double>(metric.histogram.sample_count);
    case prometheus::MetricType::Summary:
    case prometheus::MetricType::Untyped: return metric.untyped.value;
  }
  return metric.untyped.value;
}

const std::string* label_of(const prometheus::ClientMetric& metric, std::string_view name) {
  const auto found = std::ranges::find(metric.label, name, &prometheus::ClientMetric::Label::name);
  return found == metric.label.end() ? nullptr : &found->value;
}

bool is_of(const prometheus::ClientMetric& metric, std::string_view collector) {
  const auto* name = label_of(metric, "collector");
  return name != nullptr && *name == collector;
}

}  // namespace

Readings::Readings(std::string collector, std::vector<ModuleReading> modules)
    : collector_(std::move(collector)), modules_(std::move(modules)) {}

const prometheus::MetricFamily* Readings::find(std::string_view family) const {
  for (const auto& module : modules_) {
    if (!module.families) continue;
    const auto found = std::ranges::find(*module.families, family, &prometheus::MetricFamily::name);
    if (found != module.families->end()) return &*found;
  }
  return nullptr;
}

std::optional<double> Readings::of_collector(std::string_view family) const {
  const auto* found = find(family);
  if (found == nullptr) return std::nullopt;
  for (const auto& metric : found->metric) {
    if (is_of(metric, collector_)) return value_of(*found, metric);
  }
  return std::nullopt;
}

std::vector<Reading> Readings::of_collector(std::string_view family, std::string_view label) const {
  std::vector<Reading> readings;
  const auto* found = find(family);
  if (found == nullptr) return readings;
  for (const auto& metric : found->metric) {
    const auto* value = label_of(metric, label);
    if (value != nullptr && is_of(metric, collector_))
      readings.push_back({*value, value_of(*found, metric)});
  }
  return readings;
}

std::optional<double> Readings::of_host(std::string_view family) const {
  const auto* found = find(family);
  if (found == nullptr || found->metric.empty()) return std::nullopt;
  return value_of(*found, found->metric.front());
}

std::vector<Reading> Readings::of_host(std::string_view family, std::string_view label) const {
  std::vector<Reading> readings;
  const auto* found = find(family);
  if (found == nullptr) return readings;
  for (const auto& metric : found->metric) {
    if (const auto* value = label_of(metric, label))
      readings.push_back({*value, value_of(*found, metric)});
  }
  return readings;
}

std::string Readings::remark(std::string_view family, std::string_view value) const {
  for (const auto& module : modules_) {
    for (const auto& remark : module.remarks) {
      if (remark.collector == collector_ && remark.family == family && remark.value == value)
        return remark.text;
    }
  }
  return {};
}

std::vector<std::string> Readings::remarks(std::string_view module) const {
  std::vector<std::string> texts;
  for (const auto& one : modules_) {
    if (one.name != module) continue;
    for (const auto& remark : one.remarks) {
      if (remark.collector == collector_ && remark.family.empty()) texts.push_back(remark.text);
    }
  }
  return texts;
}

std::string Readings::missing(std::string_view module) const {
  const auto found = std::ranges::find(modules_, module, &ModuleReading::name);
  if (found == modules_.end()) return fmt::format("the module {} is switched off", module);
  return found->families ? std::string() : found->families.error().message;
}

}  // namespace fieldmedic
