// The remediator's own metrics, counted from what was recorded.
#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.hpp"
#include "remediator/core/event.hpp"
#include "remediator/core/state.hpp"

namespace fieldmedic {

// Thread-safe. Counts since this start; label values come from closed sets and the configuration only.
class Metrics {
 public:
  explicit Metrics(const Clock& clock);

  // Fed by the engine with events that are on disk.
  void committed(const std::vector<core::Event>& events);
  void repeated(core::IgnoreReason reason);
  void journal_refused();
  // Fed by the HTTP side.
  void webhook_answered(int code);
  void alerts_received(core::AlertStatus status, std::size_t count);
  void watchdog_seen();
  void queue_refused();
  void reload_succeeded();
  void reload_failed();

  // All families; `state` gives the gauges of what is open now.
  [[nodiscard]] std::vector<prometheus::MetricFamily> collect(const core::State& state,
                                                              std::size_t queue_length) const;

 private:
  struct Count;
  using Labels = std::vector<std::pair<std::string, std::string>>;
  struct Opened {
    core::Time at;
    std::string action;  // of the attempt under way
  };

  void add(std::string_view family, Labels labels, double by = 1);
  void count(const core::Event& event);
  void outcome(core::IncidentId incident, std::string_view outcome, core::Time at);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string_view, Labels>, double> counters_;
  std::map<core::IncidentId, core::Playbook> playbooks_;
};

}  // namespace fieldmedic
