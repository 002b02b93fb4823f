// From one reading of a collector's counters to the next: totals, and when there was progress.
#pragma once

#include <optional>

#include "exporter/collector/counter_reading.hpp"
#include "exporter/collector/success_source.hpp"

namespace fieldmedic {

// Pure but for what it remembers. Not thread-safe.
class SuccessTrack {
 public:
  explicit SuccessTrack(Counts counts) : counts_(counts) {}

  // A reading that was not taken before, and when it was made. Of deltas the first one counts
  // nothing, since nobody knows whether it was counted before this exporter was started; unless
  // there was nothing to be read before.
  void take(const CounterReading& reading, WallTime at);
  // Goes on where another exporter was.
  void resume(const CounterReading& totals, std::optional<WallTime> last_success,
              std::optional<WallTime> heartbeat);
  // There is nothing to be read (yet).
  void nothing_there() { looked_ = true; }
  // Nothing could be read: what it counts is not known, what was seen before is.
  void lose();

  [[nodiscard]] const SuccessReport& report() const { return report_; }

 private:
  void tell();
  void note_progress(const CounterReading& before, bool first, WallTime at);

  Counts counts_;
  bool looked_ = false;
  CounterReading now_;  // totals
  SuccessReport report_;
};

}  // namespace fieldmedic
