// How long a small write takes to reach the disk, measured again and again in declared folders.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <prometheus/client_metric.h>

#include "common/clock.hpp"
#include "exporter/collector/storage_config.hpp"
#include "exporter/files/file_client.hpp"

namespace fieldmedic {

struct SyncProbeSample {
  std::string collector;
  std::string folder;
  prometheus::ClientMetric durations;  // a histogram in seconds of the probes that went well
  double failures = 0;                 // refused, or not done within the patience
  std::optional<WallTime> probed_at;   // the end of the last probe, well or not
  std::string trouble{};               // of the last probe; empty: none
};

// Each probe writes 4 KiB, syncs and removes them, once an interval and never twice at a time. The
// first follows one interval after the start, so that a program that is restarted in a loop does
// not write in a loop. Thread-safe.
class SyncProbes {
 public:
  static constexpr std::chrono::seconds kPatience{10};

  SyncProbes(std::shared_ptr<FileClient> files, const Clock& clock);
  ~SyncProbes();
  SyncProbes(const SyncProbes&) = delete;
  SyncProbes& operator=(const SyncProbes&) = delete;

  // Before the first turn.
  void add(std::string collector, const SyncProbeConfig& config);
  // Makes the probes that are due; answers when the next one is.
  std::chrono::milliseconds turn();
  // Never waits for a probe.
  [[nodiscard]] std::vector<SyncProbeSample> samples() const;

 private:
  struct Probe;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fieldmedic
