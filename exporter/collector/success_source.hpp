// Where a collector's own counters of success come from, whatever collector it is.
#pragma once

#include <memory>
#include <optional>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/files/file_client.hpp"

namespace fieldmedic {

// As of the collector's last own report. Empty: not known (yet). Counters start over when the
// collector does, which is what Prometheus expects of a counter.
struct SuccessReport {
  std::optional<double>
      attempts;  // records it was done with, well or not; waiting ones are backlog
  std::optional<double> failures;        // of these, those that are lost; never more than attempts
  std::optional<double> backlog;         // records that wait
  std::optional<WallTime> last_success;  // when attempts - failures last rose
  std::optional<WallTime> heartbeat;     // when the collector last reported
};

// Reads what is new since the last call; called by one thread. Not thread-safe.
class SuccessSource {
 public:
  virtual ~SuccessSource() = default;
  // Until `stop_at` at most.
  [[nodiscard]] virtual Result<SuccessReport> read(SteadyTime stop_at) = 0;
};

// What a source may need; the clock outlives it.
struct SuccessSite {
  std::shared_ptr<FileClient> files;
  const Clock& clock;
};

// By `config.kind`.
[[nodiscard]] std::unique_ptr<SuccessSource> make_success_source(const SuccessConfig& config,
                                                                 const SuccessSite& site);

}  // namespace fieldmedic
