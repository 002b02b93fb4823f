#include "exporter/collector/drift.hpp"

#include <mutex>
#include <utility>

#include "exporter/collector/collector_family.hpp"
#include "exporter/collector/drift_watch.hpp"

namespace fieldmedic {
namespace {

constexpr auto kGauge = prometheus::MetricType::Gauge;
constexpr FamilyHead kDrift{"collector_config_drift",
                            "Whether the file is other than its baseline, or gone.", kGauge};
constexpr FamilyHead kChanged{
    "collector_config_last_change_timestamp_seconds",
    "Unix time at which the content of the file last changed, as far as can be told.", kGauge};
constexpr FamilyHead kCompared{"collector_config_timestamp_seconds",
                               "Unix time at which the file was last read.", kGauge};

std::optional<double> unix_seconds(std::optional<WallTime> time) {
  if (!time) return std::nullopt;
  return std::chrono::duration<double>(time->time_since_epoch()).count();
}

}  // namespace

struct DriftModule::Shared {
  struct Collector {
    std::string name;
    std::vector<DriftSample> samples;
  };
  std::shared_ptr<FileClient> files;
  const Clock& clock;
  std::mutex mutex;
  std::vector<Collector> collectors;  // guarded; its size is settled before the threads start
};

DriftModule::DriftModule(const std::vector<CollectorConfig>& collectors,
                         std::shared_ptr<FileClient> files, const Clock& clock)
    : shared_(
          new Shared{.files = std::move(files), .clock = clock, .mutex = {}, .collectors = {}}) {
  std::vector<DriftWatch> watches;
  for (const auto& collector : collectors) {
    if (collector.drift.files.empty()) continue;
    shared_->collectors.push_back({.name = collector.name, .samples = {}});
    watches.emplace_back(collector.drift);
  }
  for (std::size_t i = 0; i < watches.size(); ++i) {
    looking_.push_back(
        std::make_unique<Periodic>([shared = shared_, watch = std::move(watches[i]), i]() mutable {
          watch.look(*shared->files, shared->clock, shared->clock.steady() + kPatience);
          const std::lock_guard lock(shared->mutex);
          shared->collectors[i].samples = watch.samples();
          return watch.interval();
        }));
  }
}

DriftModule::~DriftModule() = default;

Result<Families> DriftModule::collect(SteadyTime) {
  CollectorFamily drift(kDrift);
  CollectorFamily changed(kChanged);
  CollectorFamily compared(kCompared);
  {
    const std::lock_guard lock(shared_->mutex);
    for (const auto& [name, samples] : shared_->collectors) {
      for (const auto& sample : samples) {
        drift.add(name, sample.drift, {{"file", sample.path}});
        changed.add(name, unix_seconds(sample.changed_at), {{"file", sample.path}});
        compared.add(name, unix_seconds(sample.compared_at), {{"file", sample.path}});
      }
    }
  }
  Families families;
  for (auto* family : {&drift, &changed, &compared}) std::move(*family).append_to(families);
  return families;
}

std::vector<Remark> DriftModule::remarks() const {
  std::vector<Remark> remarks;
  const std::lock_guard lock(shared_->mutex);
  for (const auto& [name, samples] : shared_->collectors) {
    for (const auto& sample : samples) {
      if (!sample.trouble.empty())
        remarks.push_back({name, sample.trouble, kDrift.name, sample.path});
    }
  }
  return remarks;
}

}  // namespace fieldmedic
