// Success from a file that a collector writes whole: Prometheus' text format, or JSON.
#pragma once

#include <memory>

#include "exporter/collector/success_source.hpp"

namespace fieldmedic {

// The file is a new report when it was written since (its time, size or inode has changed). It
// should be replaced by rename: one that cannot be read as a whole keeps the last report's time,
// and its counters are not known. At most 1 MiB; a file that is not there is absent, not wrong.
[[nodiscard]] std::unique_ptr<SuccessSource> make_counter_file(const SuccessConfig& config,
                                                               const SuccessSite& site);

}  // namespace fieldmedic
