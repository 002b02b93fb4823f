#include "exporter/collector/success.hpp"

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

}  // namespace

SuccessModule::SuccessModule(const std::vector<CollectorConfig>& collectors,
                             const SuccessSite& site)
    : clock_(&site.clock) {
  for (const auto& collector : collectors) {
    if (!collector.success) continue;
    collectors_.push_back({collector.name, make_success_source(*collector.success, site)});
  }
}

Result<Families> SuccessModule::collect(SteadyTime deadline) {
  const auto now = clock_->steady();
  const auto stop_at = now + (deadline - now) / 4 * 3;
  std::vector<std::pair<std::string_view, SuccessReport>> reports;
  std::optional<Error> error;
  for (auto& collector : collectors_) {
    auto report = collector.source->read(stop_at);
    if (report) {
      reports.emplace_back(collector.name, *report);
    } else if (!error) {
      error = std::move(report.error());
    }
  }
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

}  // namespace fieldmedic
