// What is open, as metrics.
#pragma once

#include <prometheus/metric_family.h>

#include "remediator/core/state.hpp"

namespace fieldmedic {

// fieldmedic_incidents, by state; each that there can be, also while there is none.
[[nodiscard]] prometheus::MetricFamily incidents_by_state(const core::State& state);

// fieldmedic_leases, the same.
[[nodiscard]] prometheus::MetricFamily leases_by_state(const core::State& state);

}  // namespace fieldmedic
