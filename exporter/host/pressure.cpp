#include "exporter/host/pressure.hpp"

#include <utility>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

// The same two divisions as node_exporter, so that the last digit is the same.
double seconds(std::uint64_t microseconds) {
  return static_cast<double>(microseconds) / 1000.0 / 1000.0;
}

prometheus::MetricFamily total(std::string_view name, std::string_view help,
                               std::uint64_t microseconds) {
  return single(name, help, prometheus::MetricType::Counter, seconds(microseconds));
}

Result<PressureTotals> read_pressure(KeptFile& file) {
  const auto text = file.read();
  if (!text) return fail(text.error());
  auto totals = parse_pressure(*text);
  if (!totals) return wrap(std::move(totals.error()), file.path().filename().native());
  return totals;
}

class PressureModule final : public Module {
 public:
  explicit PressureModule(const HostRoot& host)
      : cpu_(host.procfs / "pressure/cpu"),
        io_(host.procfs / "pressure/io"),
        memory_(host.procfs / "pressure/memory") {}
  [[nodiscard]] bool available() { return cpu_.exists(); }
  [[nodiscard]] std::string_view name() const override { return "pressure"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    const auto cpu = read_pressure(cpu_);
    if (!cpu) return fail(cpu.error());
    const auto io = read_pressure(io_);
    if (!io) return fail(io.error());
    const auto memory = read_pressure(memory_);
    if (!memory) return fail(memory.error());

    Families families;
    families.reserve(5);
    families.push_back(total("node_pressure_cpu_waiting_seconds_total",
                             "Total time in seconds that processes have waited for CPU time",
                             cpu->some_us));
    if (io->full_us) {
      families.push_back(
          total("node_pressure_io_stalled_seconds_total",
                "Total time in seconds no process could make progress due to IO congestion",
                *io->full_us));
    }
    families.push_back(total(
        "node_pressure_io_waiting_seconds_total",
        "Total time in seconds that processes have waited due to IO congestion", io->some_us));
    if (memory->full_us) {
      families.push_back(
          total("node_pressure_memory_stalled_seconds_total",
                "Total time in seconds no process could make progress due to memory congestion",
                *memory->full_us));
    }
    families.push_back(total("node_pressure_memory_waiting_seconds_total",
                             "Total time in seconds that processes have waited for memory",
                             memory->some_us));
    return families;
  }

 private:
  KeptFile cpu_;
  KeptFile io_;
  KeptFile memory_;
};

}  // namespace

Result<PressureTotals> parse_pressure(std::string_view text) {
  if (auto whole = require_whole(text, "pressure"); !whole) return fail(std::move(whole.error()));
  PressureTotals totals;
  bool some_seen = false;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const auto shown = line;
    const auto kind = take_field(line);
    const auto at = line.find(" total=");
    std::uint64_t microseconds = 0;
    constexpr std::string_view kTotal = " total=";
    if (at == std::string_view::npos || !to_number(line.substr(at + kTotal.size()), microseconds)) {
      return malformed("pressure", "total= and a number", shown);
    }
    if (kind == "some") {
      totals.some_us = microseconds;
      some_seen = true;
    } else if (kind == "full") {
      totals.full_us = microseconds;
    }
  }
  if (!some_seen) return fail(Errc::Malformed, "pressure: no line 'some'");
  return totals;
}

std::unique_ptr<Module> make_pressure_module(const HostRoot& host) {
  auto module = std::make_unique<PressureModule>(host);
  if (!module->available()) return nullptr;
  return module;
}

}  // namespace fieldmedic
