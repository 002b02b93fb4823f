// How well each collector does its work, from its own counters: collector_attempts_total and the
// rest of SuccessReport.
#pragma once

#include <memory>
#include <vector>

#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/success_source.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// Serves every collector that has a success source. One that cannot be read is absent; when none
// can, collect fails.
class SuccessModule final : public Module {
 public:
  SuccessModule(const std::vector<CollectorConfig>& collectors, const SuccessSite& site);

  [[nodiscard]] std::string_view name() const override { return "success"; }
  [[nodiscard]] Cost cost() const override { return Cost::MayWait; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;

 private:
  struct Collector {
    std::string name;
    std::unique_ptr<SuccessSource> source;
  };
  const Clock* clock_;
  std::vector<Collector> collectors_;
};

}  // namespace fieldmedic
