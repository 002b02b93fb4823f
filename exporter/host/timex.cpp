#include "exporter/host/timex.hpp"

#include <sys/timex.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "common/metric_families.hpp"

namespace fieldmedic {
namespace {

constexpr double kMicro = 1e6;
constexpr double kNano = 1e9;
constexpr double kScaledPpm = 1e6 * 65536.0;  // adjtimex(2): ppm with a 16 bit fraction

class TimexModule final : public Module {
 public:
  [[nodiscard]] std::string_view name() const override { return "timex"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    timex time{};
    const int state = adjtimex(&time);
    if (state < 0) return fail(Errc::Io, std::string("adjtimex: ") + std::strerror(errno));
    return timex_families(time, state);
  }
};

}  // namespace

Families timex_families(const timex& time, int state) {
  using enum prometheus::MetricType;
  const double unit = (time.status & STA_NANO) != 0 ? kNano : kMicro;
  Families families;
  families.reserve(17);
  const auto gauge = [&](std::string_view name, std::string_view help, double value) {
    families.push_back(single(name, help, Gauge, value));
  };
  const auto counter = [&](std::string_view name, std::string_view help, auto value) {
    families.push_back(single(name, help, Counter, static_cast<double>(value)));
  };
  const auto number = [](auto value) { return static_cast<double>(value); };
  gauge("node_timex_estimated_error_seconds", "Estimated error in seconds.",
        number(time.esterror) / kMicro);
  gauge("node_timex_frequency_adjustment_ratio", "Local clock frequency adjustment.",
        1 + number(time.freq) / kScaledPpm);
  gauge("node_timex_loop_time_constant", "Phase-locked loop time constant.", number(time.constant));
  gauge("node_timex_maxerror_seconds", "Maximum error in seconds.", number(time.maxerror) / kMicro);
  gauge("node_timex_offset_seconds", "Time offset in between local system and reference clock.",
        number(time.offset) / unit);
  counter("node_timex_pps_calibration_total", "Pulse per second count of calibration intervals.",
          time.calcnt);
  counter("node_timex_pps_error_total", "Pulse per second count of calibration errors.",
          time.errcnt);
  gauge("node_timex_pps_frequency_hertz", "Pulse per second frequency.",
        number(time.ppsfreq) / kScaledPpm);
  gauge("node_timex_pps_jitter_seconds", "Pulse per second jitter.", number(time.jitter) / unit);
  counter("node_timex_pps_jitter_total", "Pulse per second count of jitter limit exceeded events.",
          time.jitcnt);
  gauge("node_timex_pps_shift_seconds", "Pulse per second interval duration.", number(time.shift));
  counter("node_timex_pps_stability_exceeded_total",
          "Pulse per second count of stability limit exceeded events.", time.stbcnt);
  gauge("node_timex_pps_stability_hertz",
        "Pulse per second stability, average of recent frequency changes.",
        number(time.stabil) / kScaledPpm);
  gauge("node_timex_status", "Value of the status array bits.", number(time.status));
  gauge("node_timex_sync_status", "Is clock synchronized to a reliable server (1 = yes, 0 = no).",
        state == TIME_ERROR ? 0 : 1);
  gauge("node_timex_tai_offset_seconds", "International Atomic Time (TAI) offset.",
        number(time.tai));
  gauge("node_timex_tick_seconds", "Seconds between clock ticks.", number(time.tick) / kMicro);
  return families;
}

std::unique_ptr<Module> make_timex_module() {
  timex time{};
  if (adjtimex(&time) < 0) return nullptr;
  return std::make_unique<TimexModule>();
}

}  // namespace fieldmedic
