// Load averages from /proc/loadavg, as node_exporter names them: node_load1, node_load5,
// node_load15.
#pragma once

#include <memory>
#include <string_view>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

struct LoadAverages {
  double one = 0;  // over the last minute
  double five = 0;
  double fifteen = 0;
};

[[nodiscard]] Result<LoadAverages> parse_loadavg(std::string_view text);

// nullptr: this host has no such file.
[[nodiscard]] std::unique_ptr<Module> make_loadavg_module(const HostRoot& host);

}  // namespace fieldmedic
