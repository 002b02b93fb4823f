#include "exporter/host/time.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include <time.h>

#include "common/kept_file.hpp"
#include "common/metric_families.hpp"
#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

using enum prometheus::MetricType;

struct ClockSource {
  std::string device;  // "0" of clocksource0
  KeptFile available;
  KeptFile current;
};

std::vector<ClockSource> find_clock_sources(const std::filesystem::path& sysfs) {
  constexpr std::string_view kPrefix = "clocksource";
  std::vector<ClockSource> sources;
  std::error_code ended;  // an unreadable folder is a machine without them
  std::filesystem::directory_iterator entry(sysfs / "devices/system/clocksource", ended);
  for (; !ended && entry != std::filesystem::directory_iterator(); entry.increment(ended)) {
    const auto& folder = entry->path();
    const std::string name = folder.filename();
    int number = 0;
    if (!name.starts_with(kPrefix) || !to_number(name.substr(kPrefix.size()), number)) continue;
    sources.push_back({name.substr(kPrefix.size()), KeptFile(folder / "available_clocksource"),
                       KeptFile(folder / "current_clocksource")});
  }
  return sources;
}

class TimeModule final : public Module {
 public:
  TimeModule(const HostRoot& host, const Clock& clock)
      : clock_(clock), sources_(find_clock_sources(host.sysfs)) {}
  [[nodiscard]] std::string_view name() const override { return "time"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    Families families;
    families.reserve(4);
    add_sources(families);
    const auto now = clock_.wall().time_since_epoch();
    families.push_back(single("node_time_seconds", "System time in seconds since epoch (1970).",
                              Gauge, std::chrono::duration<double>(now).count()));
    add_zone(families, std::chrono::duration_cast<std::chrono::seconds>(now).count());
    return families;
  }

 private:
  void add_sources(Families& families) {
    auto available = make_family("node_time_clocksource_available_info",
                                 "Available clocksources read from "
                                 "'/sys/devices/system/clocksource'.",
                                 Gauge, sources_.size());
    auto current = make_family("node_time_clocksource_current_info",
                               "Current clocksource read from '/sys/devices/system/clocksource'.",
                               Gauge, sources_.size());
    for (auto& source : sources_) {
      add_names(available, source.device, source.available);
      add_names(current, source.device, source.current);
    }
    if (!available.metric.empty()) families.push_back(std::move(available));
    if (!current.metric.empty()) families.push_back(std::move(current));
  }

  static void add_names(prometheus::MetricFamily& family, std::string_view device, KeptFile& file) {
    const auto text = file.read();
    if (!text) return;  // what cannot be read is absent
    for (const auto name : parse_clock_sources(*text)) {
      add_sample(family, 1, {{"device", device}, {"clocksource", name}});
    }
  }

  static void add_zone(Families& families, time_t now) {
    tm local{};
    if (localtime_r(&now, &local) == nullptr) return;
    std::array<char, 64> name{};
    if (strftime(name.data(), name.size(), "%Z", &local) == 0) return;
    auto& zone = families.emplace_back(make_family(
        "node_time_zone_offset_seconds", "System time zone offset in seconds.", Gauge, 1));
    add_sample(zone, static_cast<double>(local.tm_gmtoff), {{"time_zone", name.data()}});
  }

  const Clock& clock_;
  std::vector<ClockSource> sources_;
};

}  // namespace

std::vector<std::string_view> parse_clock_sources(std::string_view text) {
  std::vector<std::string_view> names;
  std::string_view line = take_line(text);
  for (auto name = take_field(line); !name.empty(); name = take_field(line)) names.push_back(name);
  return names;
}

std::unique_ptr<Module> make_time_module(const HostRoot& host, const Clock& clock) {
  return std::make_unique<TimeModule>(host, clock);
}

}  // namespace fieldmedic
