// A collector's counters in a JSON document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "exporter/collector/counter_reading.hpp"

namespace fieldmedic {

// The parts of a JSON pointer (RFC 6901), "/output/forward.0/proc_records"; a part that is "*" on
// its own stands for every member or element. Errc::Invalid; at most 1024 bytes, 16 parts.
[[nodiscard]] Result<std::vector<std::string>> parse_json_pointer(std::string_view text);

// The sums of what the pointers lead to. Errc::Malformed: no JSON, or deeper than 32; or what a
// pointer leads to is no finite number of at least 0. A term that is no pointer matches nothing.
// Pure.
[[nodiscard]] Result<CounterReading> read_json_counters(std::string_view text,
                                                        const SuccessTerms& terms);

}  // namespace fieldmedic
