// Seconds each CPU spent in each mode from /proc/stat, thermal throttling and isolation from sysfs,
// as node_exporter names them (node_cpu_seconds_total{cpu,mode} …). Time in guests is also inside
// user and nice.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// The order of /proc/stat (proc(5)).
enum class CpuMode { User, Nice, System, Idle, Iowait, Irq, Softirq, Steal, Guest, GuestNice };
inline constexpr std::size_t kCpuModes = 10;

struct CpuTimes {
  int cpu = 0;
  std::array<double, kCpuModes> seconds{};  // by CpuMode
};

// The lines cpu0, cpu1 …; a line with fewer than ten numbers, or no line at all, is
// Errc::Malformed. The kernel counts in ticks of 1/100 s (USER_HZ, the same on every machine).
[[nodiscard]] Result<std::vector<CpuTimes>> parse_cpu_times(std::string_view text);

// What is shown after `fresh` was read: counters never step back (the kernel's idle and iowait do,
// by a little), unless idle fell by 3 s or more, which is a CPU that was taken out and put back.
// CPUs that are gone are forgotten.
void keep_rising(std::vector<CpuTimes>& shown, const std::vector<CpuTimes>& fresh);

// "0,2-3" (/sys/devices/system/cpu/isolated) is 0 2 3; anything else, or over 8,192 CPUs, is empty.
[[nodiscard]] std::vector<int> parse_cpu_list(std::string_view text);

// nullptr: this host has no /proc/stat.
[[nodiscard]] std::unique_ptr<Module> make_cpu_module(const HostRoot& host);

}  // namespace fieldmedic
