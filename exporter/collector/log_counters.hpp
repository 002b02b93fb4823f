// Success from the lines that a collector writes to its logs.
#pragma once

#include <memory>
#include <string>

#include "exporter/collector/success_source.hpp"

namespace fieldmedic {

// Follows config.logs as the log module does, through rotation and, where the site's states last,
// through restarts of ours. Of totals the heartbeat is the log's modification time as of the last
// line that told one; single events are no heartbeat, since nobody knows when the next is due.
// Reads 4 MiB a call at most.
[[nodiscard]] std::unique_ptr<SuccessSource> make_log_counters(const std::string& name,
                                                               const SuccessConfig& config,
                                                               const SuccessSite& site);

}  // namespace fieldmedic
