// One line of rsyslog's impstats file, for example (format="json", or "cee" with "@cee: " before
// the brace):
//   Mon Nov 23 08:05:58 2026: { "name": "forward", "origin": "core.action", "processed": 100, … }
// https://www.rsyslog.com/doc/configuration/modules/impstats.html and
// rsyslog_statistic_counter.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fieldmedic {

struct ImpstatsLine {
  // Local time of the collector, counted as if it were UTC: good for differences only.
  std::optional<std::int64_t> local_seconds;
  std::string name;
  std::string origin;  // "core.action", "core.queue"
  // Of an action.
  std::optional<double> processed;
  std::optional<double> failed;
  // Of a queue.
  std::optional<double> size;
  std::optional<double> discarded;  // discarded.full + discarded.nf
};

// Nothing for a line that is no report of an action or a queue: whatever else it holds, however
// deep, costs no more than its length.
[[nodiscard]] std::optional<ImpstatsLine> parse_impstats_line(std::string_view line);

}  // namespace fieldmedic
