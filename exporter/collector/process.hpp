// Whether each collector's processes live, and what they use: collector_up, collector_process_*.
#pragma once

#include <vector>

#include "common/clock.hpp"
#include "common/host_root.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/pid_scan.hpp"
#include "exporter/collector/process_watch.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// A pid file may lie on a mount that hangs, and /proc/PID/cmdline waits for the memory lock of its
// process: so it may wait. Serves every collector whose configuration has a process pattern. A
// collector that cannot be judged (its pid file may not be read) is absent; when none can, or /proc
// cannot be read, collect fails. `clock` must outlive the module.
class ProcessModule final : public Module {
 public:
  ProcessModule(const std::vector<CollectorConfig>& collectors, const HostRoot& host,
                const Clock& clock);

  [[nodiscard]] std::string_view name() const override { return "process"; }
  [[nodiscard]] Cost cost() const override { return Cost::MayWait; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;

 private:
  struct Collector {
    std::string name;
    bool has_pid_file = false;
    Result<ProcessWatch> watch;  // the error of its pattern
    Result<ProcessTotals> totals;
  };

  [[nodiscard]] Status look_by_scan(int procfs, ScanDepth depth);
  void look_by_pid_file(int procfs, Collector& collector) const;
  void learn_boot_time(int procfs);
  [[nodiscard]] Families families() const;

  std::filesystem::path procfs_;
  const Clock& clock_;
  std::vector<Collector> collectors_;
  PidScan scan_;
  std::optional<SteadyTime> all_seen_;  // when everything was looked at
  std::optional<double> boot_time_seconds_;
};

}  // namespace fieldmedic
