#include "exporter/collector/log_counters.hpp"

#include <fmt/format.h>

#include "exporter/collector/line_counters.hpp"
#include "exporter/collector/log_follower.hpp"
#include "exporter/collector/success_track.hpp"

namespace fieldmedic {
namespace {

// Beside the terms, which hold no NUL.
constexpr std::string_view kLastSuccess("\0last_success", 13);
constexpr std::string_view kHeartbeat("\0heartbeat", 10);

double unix_seconds(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

std::optional<WallTime> time_of(const LineCounters::Numbers& numbers, std::string_view name) {
  const auto found = numbers.find(name);
  if (found == numbers.end()) return std::nullopt;
  const std::chrono::duration<double> since_epoch(found->second);
  return WallTime(std::chrono::duration_cast<WallTime::duration>(since_epoch));
}

LogSelection followed(const SuccessConfig& config) {
  return {.patterns = config.logs, .most_files = 64, .first_bytes = 0};
}

class LogCounters final : public SuccessSource {
 public:
  LogCounters(const std::string& name, const SuccessConfig& config, const SuccessSite& site)
      : stream_("success/" + name),
        files_(site.files),
        states_(site.states),
        clock_(&site.clock),
        counts_(config.counts),
        counters_(config.terms, config.counts),
        track_(Counts::Cumulative) {
    const auto state = states_->get(stream_);
    follower_ = std::make_unique<LogFollower>(files_, followed(config), state ? &*state : nullptr);
    if (state) counters_.resume(state->numbers);
    if (const auto totals = counters_.reading()) {
      const auto numbers = state ? state->numbers : LineCounters::Numbers();
      track_.resume(*totals, time_of(numbers, kLastSuccess), time_of(numbers, kHeartbeat));
    }
  }

  Result<SuccessReport> read(SteadyTime stop_at) override {
    TailBudget budget{.clock = *clock_, .stop_at = stop_at};
    bool told = false;
    const auto seen = follower_->read(budget, [&](std::string_view line, std::uint32_t&) {
      told = counters_.take(line) || told;
    });
    if (told) take(seen.tails.wrote_at.value_or(clock_->wall()));
    remember();
    if (seen.error && seen.readable == 0) return fail(*seen.error);
    auto report = track_.report();
    switch (counts_) {
      case Counts::Cumulative: break;
      case Counts::Delta: report.heartbeat.reset(); break;  // quiet is not dead
    }
    if (seen.error) report.remarks.push_back(seen.error->message);
    return report;
  }

 private:
  void take(WallTime at) {
    if (const auto totals = counters_.reading()) track_.take(*totals, at);
  }

  void remember() {
    auto state = follower_->state();
    state.numbers = counters_.numbers();
    const auto& report = track_.report();
    if (report.last_success)
      state.numbers[std::string(kLastSuccess)] = unix_seconds(*report.last_success);
    if (report.heartbeat) state.numbers[std::string(kHeartbeat)] = unix_seconds(*report.heartbeat);
    states_->put(stream_, std::move(state));
  }

  std::string stream_;
  LogFiles files_;
  std::shared_ptr<StateStore> states_;
  const Clock* clock_;
  Counts counts_;
  LineCounters counters_;
  SuccessTrack track_;
  std::unique_ptr<LogFollower> follower_;
};

}  // namespace

std::unique_ptr<SuccessSource> make_log_counters(const std::string& name,
                                                 const SuccessConfig& config,
                                                 const SuccessSite& site) {
  return std::make_unique<LogCounters>(name, config, site);
}

}  // namespace fieldmedic
