// The messages that need no journal, since they are about it (S16).
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "remediator/effects.hpp"
#include "remediator/worker_pool.hpp"

namespace fieldmedic {

// Thread-safe. Each message is tried once on each channel of the receiver of the remediator's own
// troubles, all of them at once.
class Emergency {
 public:
  using Channels = std::function<std::vector<Channel>()>;

  // `patience`: how long broken() waits for the deliveries.
  Emergency(const Clock& clock, Channels channels,
            std::chrono::milliseconds patience = std::chrono::seconds(5));

  // The journal cannot be written now. Returns at once; tells people at most once in ten minutes,
  // and the log at most once a minute.
  void refusing(const std::string& what);

  // The journal is broken and the process is about to end. Always told; returns when every channel
  // has answered, or out of patience.
  void broken(const std::string& what);

  void tell(const std::string& what) { refusing(what); }

 private:
  // Becomes ready when the channel has answered or the task is dropped.
  using Told = std::future<void>;
  std::vector<Told> send(const std::string& what);

  const Clock& clock_;
  Channels channels_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::optional<SteadyTime> last_told_;
  std::optional<SteadyTime> last_logged_;
  WorkerPool pool_;
};

}  // namespace fieldmedic
