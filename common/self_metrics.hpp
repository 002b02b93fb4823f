// This process itself, under the names that every Prometheus client library uses (process_*).
#pragma once

#include <memory>
#include <vector>

#include <prometheus/metric_family.h>

#include "common/result.hpp"

namespace fieldmedic {

// Reads /proc/self, whatever the host's own /proc is. CPU time is that of this process alone
// (CLOCK_PROCESS_CPUTIME_ID): children are left out, ended or not. Thread-safe.
class SelfMetrics {
 public:
  SelfMetrics();
  ~SelfMetrics();
  SelfMetrics(const SelfMetrics&) = delete;
  SelfMetrics& operator=(const SelfMetrics&) = delete;

  [[nodiscard]] Result<std::vector<prometheus::MetricFamily>> collect();

 private:
  struct Sources;
  [[nodiscard]] Status add_memory(std::vector<prometheus::MetricFamily>& families);

  std::unique_ptr<Sources> sources_;
};

}  // namespace fieldmedic
