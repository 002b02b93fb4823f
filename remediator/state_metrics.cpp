#include "remediator/state_metrics.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace fieldmedic {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr core::Phase kOpenPhases[] = {core::Phase::Diagnosing, core::Phase::Planning,
                                       core::Phase::Waiting,    core::Phase::Acting,
                                       core::Phase::Confirming, core::Phase::Verifying,
                                       core::Phase::Approving,  core::Phase::Suspended};

constexpr core::LeasePhase kLeasePhases[] = {
    core::LeasePhase::Held,    core::LeasePhase::Ending,         core::LeasePhase::UndoPlanning,
    core::LeasePhase::Undoing, core::LeasePhase::UndoConfirming, core::LeasePhase::HandedOver};

}  // namespace

MetricFamily incidents_by_state(const core::State& state) {
  MetricFamily open{"fieldmedic_incidents", "Open incidents, by state.", MetricType::Gauge, {}};
  std::map<core::Phase, double> by_phase;
  for (const core::Phase phase : kOpenPhases) by_phase[phase] = 0;
  for (const auto& [id, incident] : state.open) ++by_phase[incident.phase];
  for (const auto& [phase, count] : by_phase) {
    ClientMetric metric;
    metric.label = {{"state", std::string(to_string(phase))}};
    metric.gauge.value = count;
    open.metric.push_back(std::move(metric));
  }
  return open;
}

MetricFamily leases_by_state(const core::State& state) {
  MetricFamily family{"fieldmedic_leases",
                      "Temporary changes that are not undone, by state.",
                      MetricType::Gauge,
                      {}};
  for (const core::LeasePhase phase : kLeasePhases) {
    ClientMetric metric;
    metric.label = {{"state", std::string(to_string(phase))}};
    metric.gauge.value = static_cast<double>(std::ranges::count_if(
        state.leases, [&](const auto& each) { return each.second.phase == phase; }));
    family.metric.push_back(std::move(metric));
  }
  return family;
}

}  // namespace fieldmedic
