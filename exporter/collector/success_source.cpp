#include "exporter/collector/success_source.hpp"

#include <fmt/format.h>

#include "exporter/collector/rsyslog_impstats.hpp"

namespace fieldmedic {
namespace {

struct SourceEntry {
  std::string_view kind;
  std::unique_ptr<SuccessSource> (*make)(const SuccessConfig&);
};

constexpr SourceEntry kSources[] = {
    {"rsyslog_impstats", &make_rsyslog_impstats},
};

}  // namespace

Result<std::unique_ptr<SuccessSource>> make_success_source(const SuccessConfig& config) {
  for (const auto& entry : kSources) {
    if (entry.kind == config.kind) return entry.make(config);
  }
  return fail(Errc::Invalid, fmt::format("no success source of kind '{}'", config.kind));
}

}  // namespace fieldmedic
