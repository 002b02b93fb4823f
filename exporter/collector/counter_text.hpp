// A text with a collector's counters, read in the format that the configuration names.
#pragma once

#include <string_view>

#include "exporter/collector/json_counters.hpp"
#include "exporter/collector/prometheus_counters.hpp"

namespace fieldmedic {

inline constexpr std::size_t kMostCounterText = 1 << 20;  // bytes

// Of config.kind Prometheus and Json; others hold no text of this sort: Errc::Invalid.
[[nodiscard]] inline Result<CounterReading> read_counter_text(std::string_view text,
                                                              const SuccessConfig& config) {
  switch (config.kind) {
    case SuccessKind::Prometheus: return read_prometheus_counters(text, config.terms);
    case SuccessKind::Json: return read_json_counters(text, config.terms);
    case SuccessKind::RsyslogImpstats:
    case SuccessKind::LogPatterns: break;
  }
  return fail(Errc::Invalid, "no page of counters");
}

}  // namespace fieldmedic
