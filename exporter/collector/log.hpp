// What each collector writes to its log files: messages by severity, stack traces, when it last
// wrote: collector_log_*.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/log_follower.hpp"
#include "exporter/collector/log_patterns.hpp"
#include "exporter/collector/state_store.hpp"
#include "exporter/collector/warning.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// Serves every collector that has log files; counts since this exporter looks, or since the state
// store does, summed over the files. Reads 4 MiB a collector and scrape at most, and for three
// quarters of the scrape's time; the rest follows, and collector_log_lag_bytes tells how much that
// is. A collector none of whose files can be read is absent but for collector_log_readable; when
// that is so for all, collect fails.
class LogModule final : public Module {
 public:
  // `clock` outlives it.
  LogModule(const std::vector<CollectorConfig>& collectors, std::shared_ptr<FileClient> files,
            std::shared_ptr<StateStore> states, const Clock& clock, Warn warn);

  [[nodiscard]] std::string_view name() const override { return "log"; }
  [[nodiscard]] Cost cost() const override { return Cost::MayWait; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;

 private:
  struct Counts {
    std::array<double, kSeverities> messages{};
    double stacks = 0;
    double bytes = 0;
    double cut_lines = 0;
    double gaps = 0;
    std::optional<WallTime> last_message;
  };
  struct Collector {
    std::string name;
    LogClassifier classifier;
    LogFollower follower;
    Counts counts;
    FollowProgress seen;  // of the last pass
  };

  void read(Collector& collector, SteadyTime stop_at);
  void tell(const Collector& collector);
  void remember(const Collector& collector);
  void save();
  [[nodiscard]] Families families() const;

  LogFiles files_;
  std::shared_ptr<StateStore> states_;
  const Clock* clock_;
  WarnOnce warn_;
  std::vector<Collector> collectors_;
};

}  // namespace fieldmedic
