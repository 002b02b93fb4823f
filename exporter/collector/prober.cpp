#include "exporter/collector/prober.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace fieldmedic {

// Shared by the prober and its threads, which may outlive it.
struct Prober::Desk {
  struct Entry {
    Probe probe;
    SteadyTime due;  // when to ask next
    bool asking = false;
    std::optional<ProbeSample> last;
  };

  Desk(std::shared_ptr<HttpClient> client, const Clock& time)
      : http(std::move(client)), clock(time) {}

  const std::shared_ptr<HttpClient> http;
  const Clock& clock;
  mutable std::mutex mutex;
  std::condition_variable_any changed;
  std::vector<Entry> entries;
  std::stop_source stopping;

  // The one to ask next; null while all are being asked.
  Entry* next() {
    Entry* soonest = nullptr;
    for (auto& entry : entries) {
      if (!entry.asking && (soonest == nullptr || entry.due < soonest->due)) soonest = &entry;
    }
    return soonest;
  }

  void serve() {
    const auto stop = stopping.get_token();
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      Entry* const entry = next();
      const auto now = clock.steady();
      if (entry == nullptr) {
        changed.wait(lock, stop, [this] { return next() != nullptr; });
      } else if (entry->due > now) {
        const auto is_other = [&] { return next() != entry; };
        changed.wait_for(lock, stop, entry->due - now, is_other);
      } else {
        ask(lock, *entry, now, stop);
      }
    }
  }

  void ask(std::unique_lock<std::mutex>& lock, Entry& entry, SteadyTime now,
           const std::stop_token& stop) {
    entry.asking = true;
    entry.due = now + entry.probe.config().interval;
    lock.unlock();
    auto sample = entry.probe.ask(*http, clock, stop);
    lock.lock();
    entry.asking = false;
    entry.last = std::move(sample);
    changed.notify_one();  // somebody may wait because all were being asked
  }
};

Prober::Prober(std::vector<Probe> probes, std::shared_ptr<HttpClient> http, const Clock& clock)
    : desk_(std::make_shared<Desk>(std::move(http), clock)) {
  for (auto& probe : probes)
    desk_->entries.push_back({.probe = std::move(probe), .due = clock.steady(), .last = {}});
  for (std::size_t i = 0; i < std::min(kMostAtOnce, probes.size()); ++i)
    std::thread([desk = desk_] { desk->serve(); }).detach();
}

Prober::~Prober() {
  desk_->stopping.request_stop();
}

std::vector<std::optional<ProbeSample>> Prober::samples() const {
  const std::lock_guard lock(desk_->mutex);
  std::vector<std::optional<ProbeSample>> samples;
  for (const auto& entry : desk_->entries) samples.push_back(entry.last);
  return samples;
}

}  // namespace fieldmedic
