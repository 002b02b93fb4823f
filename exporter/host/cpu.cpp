#include "exporter/host/cpu.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"
#include "exporter/host/cpu_throttle.hpp"

namespace fieldmedic {
namespace {

constexpr double kTicksPerSecond = 100.0;
constexpr double kHotplugSeconds = 3.0;  // node_exporter's limit
constexpr std::array<std::string_view, 8> kModeNames{"user",   "nice", "system",  "idle",
                                                     "iowait", "irq",  "softirq", "steal"};

std::size_t index_of(CpuMode mode) {
  return static_cast<std::size_t>(mode);
}

class CpuModule final : public Module {
 public:
  CpuModule(KeptFile file, CpuThrottle throttle, std::vector<int> isolated)
      : file_(std::move(file)), throttle_(std::move(throttle)), isolated_(std::move(isolated)) {}
  [[nodiscard]] std::string_view name() const override { return "cpu"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    const auto text = file_.read();
    if (!text) return fail(text.error());
    const auto fresh = parse_cpu_times(*text);
    if (!fresh) return fail(fresh.error());
    keep_rising(shown_, *fresh);

    using enum prometheus::MetricType;
    Families families;
    families.reserve(5);
    auto& guest = families.emplace_back(make_family(
        "node_cpu_guest_seconds_total", "Seconds the CPUs spent in guests (VMs) for each mode.",
        Counter, shown_.size() * 2));
    auto& all = families.emplace_back(make_family("node_cpu_seconds_total",
                                                  "Seconds the CPUs spent in each mode.", Counter,
                                                  shown_.size() * kModeNames.size()));
    for (const auto& times : shown_) {
      const std::string cpu = std::to_string(times.cpu);
      add_sample(guest, times.seconds[index_of(CpuMode::GuestNice)],
                 {{"cpu", cpu}, {"mode", "nice"}});
      add_sample(guest, times.seconds[index_of(CpuMode::Guest)], {{"cpu", cpu}, {"mode", "user"}});
      for (std::size_t mode = 0; mode < kModeNames.size(); ++mode) {
        add_sample(all, times.seconds[mode], {{"cpu", cpu}, {"mode", kModeNames[mode]}});
      }
    }
    if (!isolated_.empty()) {
      auto& isolated =
          families.emplace_back(make_family("node_cpu_isolated",
                                            "Whether each core is isolated, information from "
                                            "/sys/devices/system/cpu/isolated.",
                                            Gauge, isolated_.size()));
      for (const int cpu : isolated_) add_sample(isolated, 1, {{"cpu", std::to_string(cpu)}});
    }
    throttle_.add_families(families);
    return families;
  }

 private:
  KeptFile file_;
  CpuThrottle throttle_;
  std::vector<int> isolated_;  // said on the kernel's command line: it stays
  std::vector<CpuTimes> shown_;
};

}  // namespace

Result<std::vector<CpuTimes>> parse_cpu_times(std::string_view text) {
  if (auto whole = require_whole(text, "stat"); !whole) return fail(std::move(whole.error()));
  std::vector<CpuTimes> cpus;
  while (text.starts_with("cpu")) {  // the CPU lines come first
    std::string_view line = take_line(text);
    const auto shown = line;
    const auto name = take_field(line);
    if (name == "cpu") continue;  // the sum
    CpuTimes times;
    if (!to_number(name.substr(3), times.cpu) || times.cpu < 0) {
      return malformed("stat", "cpu and its number", shown);
    }
    for (double& seconds : times.seconds) {
      std::uint64_t ticks = 0;
      if (!take_number(line, ticks)) return malformed("stat", "ten numbers after the name", shown);
      seconds = static_cast<double>(ticks) / kTicksPerSecond;
    }
    cpus.push_back(times);
  }
  if (cpus.empty()) return fail(Errc::Malformed, "stat: no line of a CPU");
  return cpus;
}

void keep_rising(std::vector<CpuTimes>& shown, const std::vector<CpuTimes>& fresh) {
  std::vector<CpuTimes> next = fresh;
  for (auto& times : next) {
    const auto before = std::ranges::find(shown, times.cpu, &CpuTimes::cpu);
    if (before == shown.end()) continue;
    const std::size_t idle = index_of(CpuMode::Idle);
    if (before->seconds[idle] - times.seconds[idle] >= kHotplugSeconds) continue;
    for (std::size_t mode = 0; mode < kCpuModes; ++mode) {
      times.seconds[mode] = std::max(times.seconds[mode], before->seconds[mode]);
    }
  }
  shown = std::move(next);
}

std::vector<int> parse_cpu_list(std::string_view text) {
  constexpr int kMostCpus = 8192;  // the kernel's own limit (NR_CPUS)
  std::vector<int> cpus;
  std::string_view list = take_line(text);
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto range = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    const auto dash = range.find('-');
    int first = 0;
    if (!to_number(range.substr(0, dash), first)) return {};
    int last = first;
    if (dash != std::string_view::npos && !to_number(range.substr(dash + 1), last)) return {};
    if (first < 0 || last >= kMostCpus) return {};
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    if (cpus.size() > kMostCpus) return {};
  }
  return cpus;
}

std::unique_ptr<Module> make_cpu_module(const HostRoot& host) {
  KeptFile file(host.procfs / "stat");
  if (!file.exists()) return nullptr;
  KeptFile isolated_file(host.sysfs / "devices/system/cpu/isolated");
  const auto isolated = isolated_file.read();  // kernels without isolation do not have it
  return std::make_unique<CpuModule>(std::move(file), CpuThrottle(host.sysfs),
                                     isolated ? parse_cpu_list(*isolated) : std::vector<int>{});
}

}  // namespace fieldmedic
