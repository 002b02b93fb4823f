// Metric families as the answer to a scrape.
#pragma once

#include <span>

#include <prometheus/metric_family.h>

#include "common/http_server.hpp"

namespace fieldmedic {

// In the format that the request's Accept header prefers, gzipped when it may be.
[[nodiscard]] ServerResponse exposition_page(std::span<const prometheus::MetricFamily> families,
                                             const ServerRequest& request);

}  // namespace fieldmedic
