// What became of the questions to each address of Prometheus and Alertmanager.
#pragma once

#include <vector>

#include <prometheus/metric_family.h>

#include "remediator/config.hpp"

namespace fieldmedic {

// Counters since this configuration was read; a series an address and outcome, so their number is
// bounded by the configuration's.
[[nodiscard]] std::vector<prometheus::MetricFamily> server_metrics(const RemediatorConfig& config);

}  // namespace fieldmedic
