#include "remediator/server_metrics.hpp"

namespace fieldmedic {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

void add(MetricFamily& family, const char* server, const ServerPool& pool) {
  for (const ServerPool::Count& count : pool.counts()) {
    for (const auto& [outcome, value] :
         {std::pair{"answered", count.answered}, std::pair{"failed", count.failed}}) {
      ClientMetric metric;
      metric.label = {{"server", server}, {"address", count.address}, {"outcome", outcome}};
      metric.counter.value = static_cast<double>(value);
      family.metric.push_back(std::move(metric));
    }
  }
}

}  // namespace

std::vector<MetricFamily> server_metrics(const RemediatorConfig& config) {
  MetricFamily family{
      "fieldmedic_server_questions_total",
      "Questions to Prometheus and Alertmanager, by address and whether it answered.",
      prometheus::MetricType::Counter,
      {}};
  add(family, "prometheus", config.prometheus);
  add(family, "alertmanager", config.alertmanager.servers);
  return {std::move(family)};
}

}  // namespace fieldmedic
