// The host's clock, its time zone and its clock sources, as node_exporter names them
// (node_time_seconds, node_time_zone_offset_seconds{time_zone}, node_time_clocksource_*).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/clock.hpp"
#include "common/host_root.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// "tsc kvm-clock " (available_clocksource) is tsc, kvm-clock.
[[nodiscard]] std::vector<std::string_view> parse_clock_sources(std::string_view text);

// `clock` lives as long as the program.
[[nodiscard]] std::unique_ptr<Module> make_time_module(const HostRoot& host, const Clock& clock);

}  // namespace fieldmedic
