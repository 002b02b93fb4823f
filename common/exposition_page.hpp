// Metric families as the answer to a scrape.
#pragma once

#include <span>
#include <vector>

#include <prometheus/metric_family.h>

#include "common/http_server.hpp"

namespace fieldmedic {

// All pages, in order, in the format that the request's Accept header prefers, gzipped when it may
// be.
[[nodiscard]] ServerResponse exposition_page(
    std::span<const std::vector<prometheus::MetricFamily>> pages, const ServerRequest& request);

}  // namespace fieldmedic
