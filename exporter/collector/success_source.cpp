#include "exporter/collector/success_source.hpp"

#include "exporter/collector/rsyslog_impstats.hpp"

namespace fieldmedic {

std::unique_ptr<SuccessSource> make_success_source(const SuccessConfig& config) {
  switch (config.kind) {
    case SuccessKind::RsyslogImpstats: return make_rsyslog_impstats(config);
  }
  return nullptr;
}

}  // namespace fieldmedic
