#include "remediator/file_sd_metrics.hpp"

namespace fieldmedic {
namespace {

prometheus::MetricFamily gauge(const char* name, const char* help, std::size_t value) {
  prometheus::ClientMetric metric;
  metric.gauge.value = static_cast<double>(value);
  return {name, help, prometheus::MetricType::Gauge, {std::move(metric)}};
}

}  // namespace

std::vector<prometheus::MetricFamily> file_sd_metrics(const FileSdReader::Answer& answer) {
  return {gauge("fieldmedic_file_sd_hosts", "Hosts that the files of file_sd name.",
                answer.hosts.size()),
          gauge("fieldmedic_file_sd_faults",
                "Files of file_sd that cannot be used; what they last said still counts.",
                answer.faults.size())};
}

}  // namespace fieldmedic
