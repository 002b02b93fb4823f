// Success from a page that a collector serves: Prometheus' text format, or JSON.
#pragma once

#include <memory>

#include "exporter/collector/success_source.hpp"

namespace fieldmedic {

// Asks in the background, so read() waits for nobody; the heartbeat tells when the last page was
// got. A page that cannot be got or read leaves the counters unknown until the next one. At most
// 1 MiB. Needs site.http and site.rounds.
[[nodiscard]] std::unique_ptr<SuccessSource> make_counter_page(const SuccessConfig& config,
                                                               const SuccessSite& site);

}  // namespace fieldmedic
