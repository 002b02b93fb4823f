// Pressure stall information (PSI) from /proc/pressure: how long tasks waited for CPU, memory and
// IO, as node_exporter names it (node_pressure_cpu_waiting_seconds_total …). The averages that the
// kernel also shows are left to PromQL.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

struct PressureTotals {
  std::uint64_t some_us = 0;             // at least one task waited
  std::optional<std::uint64_t> full_us;  // no task could go on; old kernels have none for cpu
};

// One file of /proc/pressure; kernel: Documentation/accounting/psi.rst.
[[nodiscard]] Result<PressureTotals> parse_pressure(std::string_view text);

// nullptr: the kernel has no PSI, or has it switched off.
[[nodiscard]] std::unique_ptr<Module> make_pressure_module(const HostRoot& host);

}  // namespace fieldmedic
