// Asking everybody who knows something about one collector, beside each other and by a deadline.
#pragma once

#include <memory>

#include "common/clock.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/diagnose/findings.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/pause.hpp"
#include "exporter/scrape.hpp"

namespace fieldmedic {

struct GatherSite {
  Scrape& scrape;
  const std::shared_ptr<FileClient>& files;
  const Clock& clock;
  Pause& pause;  // between the two readings of what is used now
};

// Takes a second where nothing hangs (a quarter of the time where there is less), and never longer
// than until `deadline`: what has not answered by then is an error in its own place.
[[nodiscard]] Findings gather(const GatherSite& site, const CollectorConfig& config,
                              SteadyTime deadline);

}  // namespace fieldmedic
