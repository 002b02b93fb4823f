// Findings of a well collector, to be made sick one way at a time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "exporter/collector/collector_family.hpp"
#include "exporter/diagnose/checks.hpp"

namespace fieldmedic {

// "1970-01-12T13:46:40Z", in seconds.
inline constexpr double kFindingsAt = 1'000'000;

struct FakeModules {
  std::string collector = "orders";
  std::vector<ModuleReading> modules{};

  ModuleReading& module(const std::string& name) {
    for (auto& one : modules) {
      if (one.name == name) return one;
    }
    return modules.emplace_back(ModuleReading{name, Families{}});
  }
  // A sample of the collector.
  FakeModules& add(const std::string& module_name, const char* family, double value,
                   std::pair<std::string, std::string> label = {}) {
    auto& metric = sample(module_name, family, value);
    metric.label.push_back({"collector", collector});
    if (!label.first.empty()) metric.label.push_back({label.first, label.second});
    return *this;
  }
  // A sample of the host.
  FakeModules& host(const std::string& module_name, const char* family, double value,
                    std::pair<std::string, std::string> label = {}) {
    auto& metric = sample(module_name, family, value);
    if (!label.first.empty()) metric.label.push_back({label.first, label.second});
    return *this;
  }
  FakeModules& remark(const std::string& module_name, std::string text,
                      std::string_view family = {}, std::string value = {}) {
    module(module_name).remarks.push_back({collector, std::move(text), family, std::move(value)});
    return *this;
  }
  FakeModules& lose(const std::string& module_name, Errc code, const std::string& why) {
    module(module_name).families = fail(code, why);
    return *this;
  }
  [[nodiscard]] Readings readings() const { return {"orders", modules}; }

 private:
  prometheus::ClientMetric& sample(const std::string& module_name, const char* family,
                                   double value) {
    auto& families = *module(module_name).families;
    prometheus::MetricFamily* found = nullptr;
    for (auto& one : families) {
      if (one.name == family) found = &one;
    }
    if (found == nullptr) {
      found = &families.emplace_back();
      found->name = family;
      found->type = prometheus::MetricType::Gauge;
    }
    auto& metric = found->metric.emplace_back();
    metric.gauge.value = value;
    return metric;
  }
};

[[nodiscard]] inline Findings findings_of(CollectorConfig config, const FakeModules& once = {},
                                          const FakeModules& before = {},
                                          const FakeModules& after = {}) {
  Findings findings{.config = std::move(config)};
  findings.config.name = "orders";
  findings.at = WallTime(std::chrono::seconds(static_cast<std::int64_t>(kFindingsAt)));
  findings.readings = once.readings();
  findings.before = before.readings();
  findings.after = after.readings();
  findings.apart_seconds = 1;
  return findings;
}

// The texts of a check's evidence with their verdicts: "suspect: no process lives".
[[nodiscard]] inline std::vector<std::string> lines_of(const DiagnosisCheck& check) {
  std::vector<std::string> lines;
  for (const auto& one : check.evidence) {
    lines.push_back((one.verdict ? std::string(to_string(*one.verdict)) : "-") + ": " + one.text);
  }
  return lines;
}

}  // namespace fieldmedic
