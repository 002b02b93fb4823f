// How well each collector does its work, from its own counters: collector_attempts_total and the
// rest of SuccessReport.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/report_rhythm.hpp"
#include "exporter/collector/success_source.hpp"
#include "exporter/collector/warning.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// Serves every collector that has a success source. One that cannot be read is absent, a warning
// names it, and the remarks say why; when none can, collect fails.
class SuccessModule final : public Module {
 public:
  SuccessModule(const std::vector<CollectorConfig>& collectors, const SuccessSite& site, Warn warn);

  [[nodiscard]] std::string_view name() const override { return "success"; }
  [[nodiscard]] Cost cost() const override { return Cost::MayWait; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;
  [[nodiscard]] std::vector<Remark> remarks() const override;

 private:
  struct Collector {
    std::string name;
    std::unique_ptr<SuccessSource> source;
    ReportRhythm rhythm;
    std::set<std::string> told{};  // remarks that were warned of, since it last had none
  };

  void save();
  // Warns of them, and keeps them for whoever asks.
  void tell(const std::vector<Remark>& remarks);

  const Clock* clock_;
  std::shared_ptr<StateStore> states_;
  Warn warn_;
  WarnOnce warn_of_state_;
  std::vector<Collector> collectors_;
  mutable std::mutex mutex_;  // of remarks_
  std::vector<Remark> remarks_;
};

}  // namespace fieldmedic
