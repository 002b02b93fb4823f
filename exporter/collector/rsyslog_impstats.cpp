#include "exporter/collector/rsyslog_impstats.hpp"

#include "exporter/collector/impstats_action.hpp"
#include "exporter/collector/impstats_line.hpp"
#include "exporter/collector/log_tail.hpp"

namespace fieldmedic {
namespace {

// Totals are in the last report. Deltas from before we look were counted by another exporter.
std::size_t first_bytes(Counts counts) {
  switch (counts) {
    case Counts::Cumulative: return 1024uz * 1024;
    case Counts::Delta: return 0;
  }
  return 0;
}

class RsyslogImpstats final : public SuccessSource {
 public:
  RsyslogImpstats(const SuccessConfig& config, const SuccessSite& site)
      : files_(site.files),
        clock_(&site.clock),
        tail_(files_, config.file, FirstLook::AtEnd, first_bytes(config.counts)),
        action_(config.action, config.counts) {}

  Result<SuccessReport> read(SteadyTime stop_at) override {
    bool reported = false;
    TailBudget budget{.clock = *clock_, .stop_at = stop_at};
    TailProgress progress;
    const auto take_line = [&](std::string_view text, std::uint32_t&) {
      const auto line = parse_impstats_line(text);
      if (!line) return;
      reported = true;
      action_.add(*line);
    };
    if (auto status = tail_.read(budget, take_line, progress); !status) return fail(status.error());
    if (reported) {
      report_.heartbeat = progress.wrote_at;
      if (const auto& counters = action_.counters()) take(*counters);
    }
    return report_;
  }

 private:
  void take(const ImpstatsCounters& counters) {
    report_.attempts = counters.attempts;
    report_.failures = counters.failures;
    report_.backlog = counters.backlog;
    if (counters.progress_reports == progress_reports_) return;
    progress_reports_ = counters.progress_reports;
    // The reports of one read may be hours apart, and their times are local without a zone: only
    // how far the progress lies before the last report is taken from them.
    auto age = std::chrono::seconds(0);
    if (counters.local_seconds && counters.progress_local_seconds) {
      age = std::chrono::seconds(*counters.local_seconds - *counters.progress_local_seconds);
    }
    if (report_.heartbeat) report_.last_success = *report_.heartbeat - age;
  }

  LogFiles files_;
  const Clock* clock_;
  LogTail tail_;
  ImpstatsAction action_;
  SuccessReport report_;
  std::uint64_t progress_reports_ = 0;
};

}  // namespace

std::unique_ptr<SuccessSource> make_rsyslog_impstats(const SuccessConfig& config,
                                                     const SuccessSite& site) {
  return std::make_unique<RsyslogImpstats>(config, site);
}

}  // namespace fieldmedic
