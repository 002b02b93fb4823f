#include "exporter/collector/success.hpp"

#include <algorithm>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "exporter/collector/collector_family.hpp"

namespace fieldmedic {
namespace {

constexpr auto kGauge = prometheus::MetricType::Gauge;
constexpr auto kCounter = prometheus::MetricType::Counter;

struct NumberFamily {
  FamilyHead head;
  std::optional<double> SuccessReport::* value;
};

constexpr NumberFamily kNumbers[] = {
    {{"collector_attempts_total",
      "Records the collector was done with, delivered or lost; waiting ones are not in it.",
      kCounter},
     &SuccessReport::attempts},
    {{"collector_failures_total", "Records among the attempts that were lost.", kCounter},
     &SuccessReport::failures},
    {{"collector_backlog_records", "Records that wait in the collector's queues.", kGauge},
     &SuccessReport::backlog},
};

struct TimeFamily {
  FamilyHead head;
  std::optional<WallTime> SuccessReport::* value;
};

constexpr TimeFamily kTimes[] = {
    {{"collector_last_success_timestamp_seconds",
      "Unix time of the report in which attempts - failures last rose, since this exporter looks.",
      kGauge},
     &SuccessReport::last_success},
    {{"collector_heartbeat_timestamp_seconds",
      "Unix time at which the collector last reported its own counters.", kGauge},
     &SuccessReport::heartbeat},
};

std::optional<double> unix_seconds(std::optional<WallTime> time) {
  if (!time) return std::nullopt;
  return std::chrono::duration<double>(time->time_since_epoch()).count();
}

constexpr std::size_t kMostTold = 32;

std::string slow_report(const ReportRhythm::Slow& slow) {
  return fmt::format(
      "its counters are reported every {}, and scraped every {}: let it report as often as it is "
      "scraped, or take its rates over {} at least",
      slow.report_every, slow.scrape_every, 4 * slow.report_every);
}

}  // namespace

SuccessModule::SuccessModule(const std::vector<CollectorConfig>& collectors,
                             const SuccessSite& site, Warn warn)
    : clock_(&site.clock), states_(site.states), warn_(warn), warn_of_state_(std::move(warn)) {
  for (const auto& collector : collectors) {
    if (!collector.success) continue;
    collectors_.push_back({collector.name,
                           make_success_source(collector.name, *collector.success, site),
                           ReportRhythm()});
  }
}

Result<Families> SuccessModule::collect(SteadyTime deadline) {
  const auto now = clock_->steady();
  const auto stop_at = now + (deadline - now) / 4 * 3;
  std::vector<std::pair<std::string_view, SuccessReport>> reports;
  std::vector<Remark> remarks;
  std::optional<Error> error;
  for (auto& [name, source, rhythm, told] : collectors_) {
    auto report = source->read(stop_at);
    if (!report) {
      remarks.push_back({name, report.error().message});
      if (!error) error = std::move(report.error());
      continue;
    }
    for (auto& remark : report->remarks) remarks.push_back({name, std::move(remark)});
    if (const auto slow = rhythm.note(now, report->heartbeat))
      remarks.push_back({name, slow_report(*slow)});
    reports.emplace_back(name, std::move(*report));
  }
  save();
  tell(remarks);
  if (reports.empty() && error) return fail(*error);

  Families families;
  for (const auto& [head, value] : kNumbers) {
    CollectorFamily family(head);
    for (const auto& [name, report] : reports) family.add(name, report.*value);
    std::move(family).append_to(families);
  }
  for (const auto& [head, value] : kTimes) {
    CollectorFamily family(head);
    for (const auto& [name, report] : reports) family.add(name, unix_seconds(report.*value));
    std::move(family).append_to(families);
  }
  return families;
}

std::vector<Remark> SuccessModule::remarks() const {
  const std::lock_guard lock(mutex_);
  return remarks_;
}

void SuccessModule::save() {
  if (const auto saved = states_->save(); !saved) {
    warn_of_state_.bad("state", "positions are not kept over a restart: " + saved.error().message);
  } else {
    warn_of_state_.well("state");
  }
}

void SuccessModule::tell(const std::vector<Remark>& remarks) {
  for (auto& [name, source, rhythm, told] : collectors_) {
    const auto of_it = [&](const Remark& remark) { return remark.collector == name; };
    if (std::ranges::none_of(remarks, of_it)) told.clear();
    for (const auto& remark : remarks) {
      if (of_it(remark) && told.size() < kMostTold && told.insert(remark.text).second)
        warn_(fmt::format("success of collector {}: {}", name, remark.text));
    }
  }
  const std::lock_guard lock(mutex_);
  remarks_ = remarks;
}

}  // namespace fieldmedic
