#include "common/connection_watch.hpp"

#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestSleep{10'000};
constexpr milliseconds kTick{1'000};
constexpr milliseconds kLastPatience{1'000};  // of a server that stops

}  // namespace

ConnectionWatch::ConnectionWatch(std::size_t limit)
    : limit_(limit), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void ConnectionWatch::wait_from_now(Entry& entry, milliseconds patience) {
  entry.state = State::Waiting;
  entry.since = clock_.steady();
  entry.deadline = entry.since + (stopping_ ? std::min(patience, kLastPatience) : patience);
}

void ConnectionWatch::end(Entry& entry) {
  entry.state = State::Ended;
  shutdown(entry.socket, SHUT_RDWR);
}

ConnectionWatch::Id ConnectionWatch::add(int socket, milliseconds patience) {
  const std::lock_guard lock(mutex_);
  const Id id = next_id_++;
  Entry& entry = entries_[id];
  entry.socket = socket;
  wait_from_now(entry, patience);
  return id;
}

void ConnectionWatch::remove(Id id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(id);
  ended_.push_back(id);
  wake();
}

// Nobody is woken for the new deadline, which would cost every request: it is seen at the next
// tick.
void ConnectionWatch::arm(Id id, milliseconds patience) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(id);
  if (entry.state == State::Ended) return;
  wait_from_now(entry, patience);
  if (wants_room_ || stopping_) wake();
}

void ConnectionWatch::disarm(Id id) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_.at(id);
  if (entry.state == State::Waiting) entry.state = State::Busy;
}

bool ConnectionWatch::make_room() {
  const std::lock_guard lock(mutex_);
  wants_room_ = entries_.size() >= limit_;
  if (!wants_room_) return true;
  Entry* longest = nullptr;
  for (auto& [id, entry] : entries_) {
    if (entry.state == State::Ended) return false;  // it makes room as soon as its thread sees it
    if (entry.state == State::Waiting && (longest == nullptr || entry.since < longest->since)) {
      longest = &entry;
    }
  }
  if (longest != nullptr) end(*longest);
  return false;
}

milliseconds ConnectionWatch::end_overdue() {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady();
  SteadyTime next = now + (entries_.empty() ? kLongestSleep : kTick);
  for (auto& [id, entry] : entries_) {
    if (entry.state != State::Waiting) continue;
    if (entry.deadline <= now) {
      end(entry);
    } else {
      next = std::min(next, entry.deadline);
    }
  }
  return std::chrono::ceil<milliseconds>(next - now);
}

std::vector<ConnectionWatch::Id> ConnectionWatch::take_ended() {
  const std::lock_guard lock(mutex_);
  return std::exchange(ended_, {});
}

void ConnectionWatch::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  const SteadyTime last = clock_.steady() + kLastPatience;
  for (auto& [id, entry] : entries_) {
    shutdown(entry.socket, SHUT_RD);
    entry.deadline = std::min(entry.deadline, last);
  }
  wake();
}

void ConnectionWatch::wake() {
  (void)eventfd_write(wake_.get(), 1);  // fails only when it is readable already
}

void ConnectionWatch::drain_wake() {
  eventfd_t count = 0;
  (void)eventfd_read(wake_.get(), &count);
}

}  // namespace fieldmedic
