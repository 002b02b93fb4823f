// Where a collector's own counters of success come from, whatever collector it is.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "common/result.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/collector/rounds.hpp"
#include "exporter/collector/state_store.hpp"
#include "exporter/files/file_client.hpp"

namespace fieldmedic {

// As of the collector's last own report. Empty: not known (yet). Counters start over when the
// collector does, which is what Prometheus expects of a counter.
struct SuccessReport {
  // Records it was done with, well or not; waiting ones are backlog.
  std::optional<double> attempts{};
  std::optional<double> failures{};  // of these, those that are lost; never more than attempts
  std::optional<double> backlog{};   // records that wait
  std::optional<WallTime> last_success{};  // when attempts - failures last rose
  std::optional<WallTime> heartbeat{};     // when the collector last reported
  std::vector<std::string> remarks{};      // what people should know; no secret
};

// Reads what is new since the last call; called by one thread. Not thread-safe.
class SuccessSource {
 public:
  virtual ~SuccessSource() = default;
  // Until `stop_at` at most.
  [[nodiscard]] virtual Result<SuccessReport> read(SteadyTime stop_at) = 0;
};

// What sources share; the clock outlives them.
struct SuccessSite {
  std::shared_ptr<FileClient> files;
  std::shared_ptr<StateStore> states;
  std::shared_ptr<HttpClient> http;
  std::shared_ptr<Rounds> rounds;  // pages are asked for in these
  const Clock& clock;
};

// Of the collector `name`, by `config.kind`.
[[nodiscard]] std::unique_ptr<SuccessSource> make_success_source(const std::string& name,
                                                                 const SuccessConfig& config,
                                                                 const SuccessSite& site);

}  // namespace fieldmedic
