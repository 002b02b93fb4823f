// A collector's counters on a page in Prometheus' text format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/matcher.hpp"
#include "common/result.hpp"
#include "exporter/collector/counter_reading.hpp"

namespace fieldmedic {

// "vector_component_sent_events_total{component_id="out"}": a name, and matchers as in
// Alertmanager. NAME_sum and NAME_count of a histogram or a summary are names too.
struct SampleSelector {
  std::string name;
  std::vector<Matcher> matchers;

  // Errc::Invalid with what was wanted. At most 1024 bytes, 16 matchers.
  [[nodiscard]] static Result<SampleSelector> parse(std::string_view text);
};

// The sums of what the selectors match. A value that is no finite number of at least 0 is
// Errc::Malformed, and so is what parse_prometheus_text() refuses. `at` is the latest time that a
// matching sample carries. A term that is no selector matches nothing. Pure.
[[nodiscard]] Result<CounterReading> read_prometheus_counters(std::string_view text,
                                                              const SuccessTerms& terms);

}  // namespace fieldmedic
