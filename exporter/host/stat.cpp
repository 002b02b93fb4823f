#include "exporter/host/stat.hpp"

#include <array>
#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

class StatModule final : public Module {
 public:
  explicit StatModule(KeptFile file) : file_(std::move(file)) {}
  [[nodiscard]] std::string_view name() const override { return "stat"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    const auto text = file_.read();
    if (!text) return fail(text.error());
    const auto stat = parse_kernel_stat(*text);
    if (!stat) return fail(stat.error());

    using enum prometheus::MetricType;
    Families families;
    families.reserve(6);
    const auto add = [&](std::string_view name, std::string_view help, prometheus::MetricType type,
                         std::uint64_t value) {
      families.push_back(single(name, help, type, static_cast<double>(value)));
    };
    add("node_boot_time_seconds", "Node boot time, in unixtime.", Gauge, stat->boot_time_s);
    add("node_context_switches_total", "Total number of context switches.", Counter,
        stat->context_switches);
    add("node_forks_total", "Total number of forks.", Counter, stat->forks);
    add("node_intr_total", "Total number of interrupts serviced.", Counter, stat->interrupts);
    add("node_procs_blocked", "Number of processes blocked waiting for I/O to complete.", Gauge,
        stat->blocked);
    add("node_procs_running", "Number of processes in runnable state.", Gauge, stat->running);
    return families;
  }

 private:
  KeptFile file_;
};

}  // namespace

Result<KernelStat> parse_kernel_stat(std::string_view text) {
  if (auto whole = require_whole(text, "stat"); !whole) return fail(std::move(whole.error()));
  KernelStat stat;
  struct Wanted {
    std::string_view key;
    std::uint64_t* value;
    bool seen = false;
  };
  std::array<Wanted, 6> wanted{{{"intr", &stat.interrupts},
                                {"ctxt", &stat.context_switches},
                                {"btime", &stat.boot_time_s},
                                {"processes", &stat.forks},
                                {"procs_running", &stat.running},
                                {"procs_blocked", &stat.blocked}}};
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const auto shown = line;
    const auto key = take_field(line);
    for (auto& want : wanted) {
      if (want.key != key) continue;
      if (!take_number(line, *want.value))
        return malformed("stat", "a number after the name", shown);
      want.seen = true;
    }
  }
  for (const auto& want : wanted) {
    if (!want.seen) return fail(Errc::Malformed, "stat: no line '" + std::string(want.key) + "'");
  }
  return stat;
}

std::unique_ptr<Module> make_stat_module(const HostRoot& host) {
  KeptFile file(host.procfs / "stat");
  if (!file.exists()) return nullptr;
  return std::make_unique<StatModule>(std::move(file));
}

}  // namespace fieldmedic
