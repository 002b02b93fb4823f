// The success of an rsyslog action, from the file that rsyslog's module impstats writes:
//
//   module(load="impstats" interval="5" format="json" resetCounters="off"
//          log.syslog="off" log.file="/var/log/orders/impstats.json")
//
// With resetCounters="on" the file holds differences: `counts: delta`. What the counters mean is
// written down in impstats_action.hpp.
#pragma once

#include <memory>

#include "exporter/collector/success_source.hpp"

namespace fieldmedic {

// Follows config.file through rotation; reads at most 4 MiB a call, and the last 1 MiB of a file
// that is there already. heartbeat is the file's modification time as of the last report in it.
[[nodiscard]] std::unique_ptr<SuccessSource> make_rsyslog_impstats(const SuccessConfig& config,
                                                                   const SuccessSite& site);

}  // namespace fieldmedic
