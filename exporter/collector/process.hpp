// Whether each collector's processes live, what they use and what older ones left behind:
// collector_up, collector_process*, collector_residual_processes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "common/clock.hpp"
#include "common/file_descriptor.hpp"
#include "common/host_root.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/collector_processes.hpp"
#include "exporter/collector/pid_scan.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// /proc/PID/cmdline waits for the memory lock of its process: so it may wait. Pid files, which may
// lie on a mount that hangs, are read by `files`. Serves every collector whose configuration tells
// its processes. A collector that cannot be judged (its pid file may not be read, hidepid) is
// absent, and a warning says why, once; when none can, or /proc cannot be read, collect fails.
// `clock` must outlive the module.
class ProcessModule final : public Module {
 public:
  ProcessModule(const std::vector<CollectorConfig>& collectors, const HostRoot& host,
                const Clock& clock, std::shared_ptr<FileClient> files);

  [[nodiscard]] std::string_view name() const override { return "process"; }
  [[nodiscard]] Cost cost() const override { return Cost::MayWait; }
  [[nodiscard]] Result<Families> collect(SteadyTime deadline) override;
  // Why a collector cannot be judged, and which processes are left over.
  [[nodiscard]] std::vector<Remark> remarks() const override;

 private:
  void read_pid_files(SteadyTime deadline);
  [[nodiscard]] Status look();
  void learn_host(int procfs);
  void tell();
  [[nodiscard]] Families families() const;

  std::filesystem::path path_;
  const Clock& clock_;
  std::shared_ptr<FileClient> files_;
  FileDescriptor procfs_;  // kept open
  std::vector<CollectorProcesses> collectors_;
  PidScan scan_;
  std::optional<SteadyTime> host_learned_;
  std::optional<double> boot_time_seconds_;
  std::string units_root_;
  std::map<std::string, std::string> warned_;  // collector: what was said last
  mutable std::mutex mutex_;
  std::vector<Remark> remarks_;  // guarded
};

}  // namespace fieldmedic
