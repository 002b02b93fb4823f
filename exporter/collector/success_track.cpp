#include "exporter/collector/success_track.hpp"

namespace fieldmedic {
namespace {

double successes(const CounterReading& reading) {
  return reading.attempts - reading.failures.value_or(0);
}

void add(CounterReading& total, const CounterReading& delta) {
  total.attempts += delta.attempts;
  if (delta.failures) total.failures = total.failures.value_or(0) + *delta.failures;
  total.backlog = delta.backlog;
}

}  // namespace

void SuccessTrack::take(const CounterReading& reading, WallTime at) {
  const bool first = !looked_;
  looked_ = true;
  const auto before = now_;
  switch (counts_) {
    case Counts::Cumulative: now_ = reading; break;
    case Counts::Delta:
      if (first) {
        now_.failures = reading.failures ? std::optional(0.0) : std::nullopt;
        now_.backlog = reading.backlog;
      } else {
        add(now_, reading);
      }
      break;
  }
  note_progress(before, first, at);
  tell();
  report_.heartbeat = at;
}

void SuccessTrack::resume(const CounterReading& totals, std::optional<WallTime> last_success,
                          std::optional<WallTime> heartbeat) {
  looked_ = true;
  now_ = totals;
  tell();
  report_.last_success = last_success;
  report_.heartbeat = heartbeat;
}

void SuccessTrack::tell() {
  report_.attempts = now_.attempts;
  report_.failures = now_.failures;
  report_.backlog = now_.backlog;
}

// A counter that fell was started over: whatever it has by now, it has since then. Progress from
// before we look has no time.
void SuccessTrack::note_progress(const CounterReading& before, bool first, WallTime at) {
  const bool started_over = now_.attempts < before.attempts;
  const double known = started_over ? 0 : successes(before);
  if (!first && successes(now_) > known) report_.last_success = at;
}

void SuccessTrack::lose() {
  report_.attempts.reset();
  report_.failures.reset();
  report_.backlog.reset();
}

}  // namespace fieldmedic
