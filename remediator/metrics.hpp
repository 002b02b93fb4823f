// The remediator's own metrics, counted from what was recorded.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>

#include "common/clock.hpp"
#include "remediator/core/event.hpp"
#include "remediator/core/state.hpp"
#include "remediator/journal/journal.hpp"

namespace fieldmedic {

// Thread-safe. Counts since this start; label values come from closed sets and from the
// configuration, so the number of series is bounded.
class Metrics {
 public:
  explicit Metrics(const Clock& clock);

  // Fed by the engine: events that are on disk, and the state after them.
  void committed(const std::vector<core::Event>& events, const core::State& state);
  void repeated(core::IgnoreReason reason);
  void journal_refused();
  void journal_takes();
  void journal_altered();
  // Fed by the HTTP side.
  void webhook_answered(int code);
  void alerts_received(core::AlertStatus status, std::size_t count);
  void watchdog_seen();
  void queue_refused();
  void reload_succeeded();
  void reload_failed();

  // All families; `state` and `head` give the gauges of what is now.
  [[nodiscard]] std::vector<prometheus::MetricFamily> collect(const core::State& state,
                                                              const Head& head,
                                                              std::size_t queue_length) const;

 private:
  // Label values in the order of the family's label names.
  using Values = std::vector<std::string>;

  struct Histogram {
    std::vector<std::uint64_t> buckets;  // not cumulative; the last one is +Inf
    double sum = 0;
  };

  void add(std::string_view family, Values values, double by = 1);
  // With the mutex held.
  [[nodiscard]] std::vector<prometheus::MetricFamily> counter_families() const;
  [[nodiscard]] prometheus::MetricFamily recover_family() const;
  void count(const core::Event& event, const core::State& state);
  void opened(const core::IncidentOpened& event);
  void ended(core::IncidentId incident, std::string_view outcome, const core::State& state);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string_view, std::map<Values, double>> counters_;  // by family name
  Histogram time_to_recover_;
  double journal_writable_ = 1;
  double journal_intact_ = 1;
  double watchdog_seen_ = 0;  // seconds since the epoch; 0: never
  double reload_successful_ = 1;
  double reload_success_ = 0;  // seconds since the epoch
};

}  // namespace fieldmedic
