// What rsyslog's counters say about one action and its queue.
//
// Measured with rsyslogd 8.2302 (tests/integration/exporter/collector/rsyslog_test.cpp):
// - `processed` of an action with a queue of its own counts records when they *enter* the queue,
// and
//   `size` counts them until they are delivered or given up. So the records that the action is done
//   with are processed - size: a record that waits for a peer to come back is backlog.
// - With a disk-assisted queue the records on disk are a queue of their own, "NAME queue[DA]".
// - `discarded.full` and `discarded.nf` are records that the queue threw away; they are in
//   `processed`.
// - `failed` of an action without a queue and with action.resumeRetryCount="0" (the default) counts
//   every lost record, and each failing retry too, so it may pass `processed`.
// - With a queue and a *limited* resumeRetryCount rsyslog drops whole batches and counts one
// failure
//   for each: nobody can tell these losses from its counters. Use action.resumeRetryCount="-1".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "exporter/collector/impstats_line.hpp"
#include "exporter/collector/success_config.hpp"

namespace fieldmedic {

// The counters of one whole report.
struct ImpstatsCounters {
  double attempts = 0;
  double failures = 0;
  std::optional<double> backlog;                       // empty: the action has no queue of its own
  std::optional<std::int64_t> local_seconds;           // ImpstatsLine's, of this report
  std::optional<std::int64_t> progress_local_seconds;  // of the last report with progress
  std::uint64_t progress_reports = 0;  // in how many reports attempts - failures had risen
};

// Puts the lines of a report together. A report may be read while it is being written, so it counts
// when its last line about this action is there, which the report before it tells, or when the next
// one begins.
class ImpstatsAction {
 public:
  explicit ImpstatsAction(std::string action, Counts counts = Counts::Cumulative)
      : action_(std::move(action)), counts_(counts) {}

  void add(const ImpstatsLine& line);
  [[nodiscard]] const std::optional<ImpstatsCounters>& counters() const { return counters_; }

 private:
  enum Slot : std::size_t { kAction, kQueue, kDiskQueue, kSlots };
  using Report = std::array<std::optional<ImpstatsLine>, kSlots>;

  [[nodiscard]] std::optional<Slot> slot_of(const ImpstatsLine& line) const;
  [[nodiscard]] static unsigned mask_of(const Report& report);
  void close_report();
  void learn(const ImpstatsLine& action, const Report& report);
  // Of what a report says of processed and lost records: the totals.
  [[nodiscard]] double total(double before, double told) const;

  std::string action_;
  Counts counts_;
  Report report_;
  std::optional<std::int64_t> report_time_;
  unsigned whole_ = 0;  // the slots of the last report that was closed by the next one's beginning
  // As of the last report.
  double processed_ = 0;
  double lost_ = 0;
  double best_progress_ = 0;  // highest attempts - failures since the collector started
  std::optional<ImpstatsCounters> counters_;
};

}  // namespace fieldmedic
