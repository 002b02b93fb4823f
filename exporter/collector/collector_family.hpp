// One metric family with a sample for each collector that has a value.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

#include <prometheus/metric_family.h>

#include "exporter/module.hpp"

namespace fieldmedic {

// What is the same for every sample of a family. `name` and `help` are literals.
struct FamilyHead {
  std::string_view name;
  std::string_view help;
  prometheus::MetricType type = prometheus::MetricType::Gauge;
};

class CollectorFamily {
 public:
  using Label = std::pair<std::string_view, std::string_view>;

  explicit CollectorFamily(const FamilyHead& head) {
    family_.name = head.name;
    family_.help = head.help;
    family_.type = head.type;
  }

  // Nothing for a value that is not known: absent, never 0.
  void add(std::string_view collector, std::optional<double> value,
           std::initializer_list<Label> more = {}) {
    if (!value) return;
    auto& metric = add_labels(collector, more);
    if (family_.type == prometheus::MetricType::Counter) {
      metric.counter.value = *value;
    } else {
      metric.gauge.value = *value;
    }
  }
  // For histograms: what prometheus::Histogram::Collect() gives.
  void add(std::string_view collector, const prometheus::ClientMetric& collected,
           std::initializer_list<Label> more = {}) {
    add_labels(collector, more).histogram = collected.histogram;
  }

  // A family without samples is left out.
  void append_to(Families& families) && {
    if (!family_.metric.empty()) families.push_back(std::move(family_));
  }

 private:
  prometheus::ClientMetric& add_labels(std::string_view collector,
                                       std::initializer_list<Label> more) {
    auto& metric = family_.metric.emplace_back();
    metric.label.reserve(1 + more.size());
    metric.label.push_back({"collector", std::string(collector)});
    for (const auto& [name, text] : more) {
      metric.label.push_back({std::string(name), std::string(text)});
    }
    return metric;
  }

  prometheus::MetricFamily family_;
};

}  // namespace fieldmedic
