#include "exporter/collector/impstats_action.hpp"

#include <algorithm>
#include <utility>

namespace fieldmedic {

std::optional<ImpstatsAction::Slot> ImpstatsAction::slot_of(const ImpstatsLine& line) const {
  if (line.origin == "core.action") {
    return line.name == action_ && line.processed ? std::optional(kAction) : std::nullopt;
  }
  if (!line.size || !line.name.starts_with(action_)) return std::nullopt;
  const auto rest = std::string_view(line.name).substr(action_.size());
  if (rest.empty() || rest == " queue") return kQueue;  // depends on the version
  if (rest == "[DA]" || rest == " queue[DA]") return kDiskQueue;
  return std::nullopt;
}

unsigned ImpstatsAction::mask_of(const Report& report) {
  unsigned mask = 0;
  for (std::size_t slot = 0; slot < kSlots; ++slot) mask |= report[slot] ? 1U << slot : 0U;
  return mask;
}

void ImpstatsAction::add(const ImpstatsLine& line) {
  const auto slot = slot_of(line);
  if (!slot) return;
  const bool next_begins = report_[*slot].has_value() || line.local_seconds != report_time_;
  if (mask_of(report_) != 0 && next_begins) {
    whole_ = mask_of(report_);
    close_report();
  }
  report_time_ = line.local_seconds;
  report_[*slot] = line;
  if (mask_of(report_) == whole_) close_report();
}

void ImpstatsAction::close_report() {
  const Report report = std::exchange(report_, {});
  if (const auto& action = report[kAction]) {
    learn(*action, report);
  } else {
    whole_ = 0;  // the rest of a report that we took for whole: find out again what is
  }
}

double ImpstatsAction::total(double before, double told) const {
  switch (counts_) {
    case Counts::Cumulative: return told;
    case Counts::Delta: return before + told;
  }
  return told;
}

void ImpstatsAction::learn(const ImpstatsLine& action, const Report& report) {
  double told_lost = action.failed.value_or(0);
  double waiting = 0;
  ImpstatsCounters now = counters_.value_or(ImpstatsCounters{});
  now.backlog.reset();
  for (const auto slot : {kQueue, kDiskQueue}) {
    const auto& queue = report[slot];
    if (!queue) continue;
    waiting += queue->size.value_or(0);
    told_lost += queue->discarded.value_or(0);
    now.backlog = waiting;
  }
  // What waits at first sight was counted by nobody who looks, and is done later.
  const bool baseline = counts_ == Counts::Delta && !counters_;
  const double processed = baseline ? waiting : total(processed_, action.processed.value_or(0));
  const double lost = baseline ? 0 : total(lost_, told_lost);
  const bool started_over = processed < processed_ || lost < lost_;
  const double done = processed - waiting;  // negative: a queue took records over from disk
  // The lines of a report are not of one instant. A counter that falls looks like a restart and
  // would be counted anew as a whole, so it stands still until it is passed.
  now.attempts = std::max(started_over ? 0.0 : now.attempts, done);
  now.failures = std::min(lost, now.attempts);
  now.local_seconds = action.local_seconds;

  const double progress = done - std::min(lost, std::max(0.0, done));
  if (!counters_) best_progress_ = progress;  // what was done before we look has no time
  if (started_over) best_progress_ = std::min(0.0, progress);
  if (progress > best_progress_) {
    best_progress_ = progress;
    now.progress_local_seconds = now.local_seconds;
    ++now.progress_reports;
  }
  processed_ = processed;
  lost_ = lost;
  counters_ = now;
}

}  // namespace fieldmedic
