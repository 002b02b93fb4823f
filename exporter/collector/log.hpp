// What each collector writes to its log files: messages by severity, stack traces, when it last
// wrote: collector_log_*.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/log_patterns.hpp"
#include "exporter/collector/log_tail.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// Serves every collector that has log files; counts since this exporter looks, summed over the
// files. A collector with a file that cannot be read is absent; when none can, collect fails. At
// most 4 MiB a file and scrape, the rest follows.
class LogModule final : public Module {
 public:
  explicit LogModule(const std::vector<CollectorConfig>& collectors);

  [[nodiscard]] std::string_view name() const override { return "log"; }
  [[nodiscard]] Cost cost() const override { return Cost::MayWait; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;

 private:
  struct File {
    LogTail tail;
    LogClassifier classifier;
  };
  struct Collector {
    std::string name;
    std::vector<File> files;
    std::array<double, kSeverities> messages{};
    double stacks = 0;
    double bytes = 0;
    std::optional<WallTime> last_message;
    Status status;  // of the last read
  };

  static void read(Collector& collector);
  [[nodiscard]] Families families() const;

  std::vector<Collector> collectors_;
};

}  // namespace fieldmedic
