#include "exporter/collector/rounds.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace fieldmedic {

// Shared with the threads, which may outlive the Rounds.
struct Rounds::Desk {
  struct Entry {
    std::chrono::milliseconds interval;
    Work work;
    SteadyTime due;  // when to begin next
    bool under_way = false;
  };

  explicit Desk(const Clock& time) : clock(time) {}

  const Clock& clock;
  std::mutex mutex;
  std::condition_variable_any changed;
  std::deque<Entry> entries;  // keeps their places when one is added
  std::stop_source stopping;

  // The one to begin next; null while all are under way.
  Entry* next() {
    Entry* soonest = nullptr;
    for (auto& entry : entries) {
      if (!entry.under_way && (soonest == nullptr || entry.due < soonest->due)) soonest = &entry;
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
        do_one(lock, *entry, now, stop);
      }
    }
  }

  void do_one(std::unique_lock<std::mutex>& lock, Entry& entry, SteadyTime now,
              const std::stop_token& stop) {
    entry.under_way = true;
    entry.due = now + entry.interval;
    lock.unlock();
    entry.work(stop);
    lock.lock();
    entry.under_way = false;
    changed.notify_one();  // somebody may wait because all were under way
  }
};

Rounds::Rounds(const Clock& clock) : desk_(std::make_shared<Desk>(clock)) {}

Rounds::~Rounds() {
  desk_->stopping.request_stop();
}

void Rounds::add(std::chrono::milliseconds interval, Work work) {
  const std::lock_guard lock(desk_->mutex);
  desk_->entries.push_back(
      {.interval = interval, .work = std::move(work), .due = desk_->clock.steady()});
  if (desk_->entries.size() <= kMostAtOnce) {
    std::thread([desk = desk_] { desk->serve(); }).detach();
  } else {
    desk_->changed.notify_one();
  }
}

}  // namespace fieldmedic
