#include "exporter/collector/success_source.hpp"

#include "exporter/collector/counter_file.hpp"
#include "exporter/collector/counter_page.hpp"
#include "exporter/collector/log_counters.hpp"
#include "exporter/collector/rsyslog_impstats.hpp"

namespace fieldmedic {

std::unique_ptr<SuccessSource> make_success_source(const std::string& name,
                                                   const SuccessConfig& config,
                                                   const SuccessSite& site) {
  switch (config.kind) {
    case SuccessKind::RsyslogImpstats: return make_rsyslog_impstats(config, site);
    case SuccessKind::Prometheus:
    case SuccessKind::Json:
      return config.file.empty() ? make_counter_page(config, site)
                                 : make_counter_file(config, site);
    case SuccessKind::LogPatterns: return make_log_counters(name, config, site);
  }
  return nullptr;
}

}  // namespace fieldmedic
