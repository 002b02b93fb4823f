// What the modules said, from the view of one collector.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

struct Reading {
  std::string label;  // the value of the label asked for
  double value = 0;
};

class Readings {
 public:
  Readings() = default;
  Readings(std::string collector, std::vector<ModuleReading> modules);

  // The collector's sample of a family; absent when there is none.
  [[nodiscard]] std::optional<double> of_collector(std::string_view family) const;
  // All of the collector's samples of a family, by the label that tells them apart.
  [[nodiscard]] std::vector<Reading> of_collector(std::string_view family,
                                                  std::string_view label) const;
  // The host's sample of a family without labels.
  [[nodiscard]] std::optional<double> of_host(std::string_view family) const;
  // All samples of a family whatever other labels they have.
  [[nodiscard]] std::vector<Reading> of_host(std::string_view family, std::string_view label) const;

  // What the module says about the collector's sample of `family` with this value of its label;
  // empty: nothing.
  [[nodiscard]] std::string remark(std::string_view family, std::string_view value = {}) const;
  // What the module says about the collector beside that, about no family.
  [[nodiscard]] std::vector<std::string> remarks(std::string_view module) const;
  // Why a module has no families: not asked or switched off, failed, too late. Empty: it has.
  [[nodiscard]] std::string missing(std::string_view module) const;

 private:
  [[nodiscard]] const prometheus::MetricFamily* find(std::string_view family) const;

  std::string collector_;
  std::vector<ModuleReading> modules_;
};

}  // namespace fieldmedic
