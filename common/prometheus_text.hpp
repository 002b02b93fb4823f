// Prometheus' text format 0.0.4 read into prometheus-cpp's families: what a collector's own
// endpoint answers, or what a text file holds.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include <prometheus/metric_family.h>

#include "common/result.hpp"

namespace fieldmedic {

inline constexpr std::size_t kMostTextSamples = 10'000;

struct PrometheusText {
  // In the order of their first line; those without TYPE are untyped. Samples of one family need
  // not be adjacent. A family that has only HELP or TYPE is left out.
  std::vector<prometheus::MetricFamily> families;
  bool has_timestamps = false;
};

// Errc::Malformed "line 4: wanted …" for whatever Prometheus' own client library refuses, for a
// text that does not end with a newline, and for a sample that is there twice; TooLarge for more
// than kMostTextSamples.
[[nodiscard]] Result<PrometheusText> parse_prometheus_text(std::string_view text);

}  // namespace fieldmedic
