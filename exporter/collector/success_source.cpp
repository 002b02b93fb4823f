#include "exporter/collector/success_source.hpp"

#include "exporter/collector/rsyslog_impstats.hpp"

namespace fieldmedic {

std::unique_ptr<SuccessSource> make_success_source(const SuccessConfig& config,
                                                   const SuccessSite& site) {
  switch (config.kind) {
    case SuccessKind::RsyslogImpstats: return make_rsyslog_impstats(config, site);
  }
  return nullptr;
}

}  // namespace fieldmedic
