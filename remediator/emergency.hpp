// The one message that needs no journal: that the journal cannot be written (S16).
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/clock.hpp"
#include "remediator/effects.hpp"
#include "remediator/worker_pool.hpp"

namespace fieldmedic {

// Thread-safe. Tells the receiver of the remediator's own troubles at most once in ten minutes, and
// the log at most once a minute.
class Emergency {
 public:
  using Channels = std::function<std::vector<Channel>()>;

  Emergency(const Clock& clock, Channels channels)
      : clock_(clock), channels_(std::move(channels)), pool_(1) {}

  // Returns at once; the message is tried once on each channel.
  void tell(const std::string& what);

 private:
  const Clock& clock_;
  Channels channels_;
  std::mutex mutex_;
  std::optional<SteadyTime> last_told_;
  std::optional<SteadyTime> last_logged_;
  WorkerPool pool_;
};

}  // namespace fieldmedic
