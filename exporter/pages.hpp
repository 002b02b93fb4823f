// What the exporter's HTTP routes answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/clock.hpp"
#include "common/http_server.hpp"
#include "exporter/collector/collector_config.hpp"
#include "exporter/scrape.hpp"

namespace fieldmedic {

// /metrics: format by Accept, gzip by Accept-Encoding, deadline by
// X-Prometheus-Scrape-Timeout-Seconds, modules by collect[] and exclude[]; 400 for a selection that
// makes no sense. `more` is appended to what the scrape answers.
[[nodiscard]] ServerResponse metrics_page(Scrape& scrape, Families more,
                                          const ServerRequest& request, const Clock& clock);

// "/": what this is, where the metrics are, which modules run, the diagnosis of each collector.
[[nodiscard]] ServerResponse landing_page(const std::vector<std::string_view>& modules,
                                          const std::vector<CollectorConfig>& collectors);

}  // namespace fieldmedic
