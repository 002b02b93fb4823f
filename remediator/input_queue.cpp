#include "remediator/input_queue.hpp"

#include <algorithm>

namespace fieldmedic {
namespace {

constexpr std::size_t kAlertsAnItem = 2;   // in the room of one result
constexpr std::size_t kAlertsAlways = 16;  // however many results wait
constexpr std::size_t kIntakesLooked = 256;

}  // namespace

bool InputQueue::push_intake(IntakeItem& item) {
  const std::lock_guard lock(mutex_);
  const std::size_t more = item.batch.alerts.size();
  if (closed_ || (alerts_ > 0 && alerts_ + more > most_alerts_)) return false;
  alerts_ += more;
  intakes_.push_back(std::move(item));
  filled_.notify_one();
  return true;
}

bool InputQueue::push(Item item) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  items_.push_back(std::move(item));
  filled_.notify_one();
  return true;
}

std::vector<Item> InputQueue::take(std::size_t most, std::optional<SteadyTime> deadline) {
  std::unique_lock lock(mutex_);
  const auto ready = [&] { return closed_ || !items_.empty() || !intakes_.empty(); };
  if (deadline)
    (void)filled_.wait_until(lock, *deadline, ready);
  else
    filled_.wait(lock, ready);
  std::vector<Item> taken;
  const std::size_t others = intakes_.empty() ? most : most - 1;
  while (!items_.empty() && taken.size() < others) {
    taken.push_back(std::move(items_.front()));
    items_.pop_front();
  }
  take_intakes(std::max(kAlertsAlways, kAlertsAnItem * (most - taken.size())), taken);
  return taken;
}

// The one that waits longest whatever its size, and beside it those that fit: a webhook of one
// alert does not wait behind a storm's hundreds. Each sender waits for its answer, so two that wait
// have no order between them.
void InputQueue::take_intakes(std::size_t room, std::vector<Item>& taken) {
  const auto begin = intakes_.begin();
  const auto looked =
      begin + static_cast<std::ptrdiff_t>(std::min(intakes_.size(), kIntakesLooked));
  auto kept = begin;
  for (auto intake = begin; intake != looked; ++intake) {
    const std::size_t alerts = intake->batch.alerts.size();
    if (intake != begin && alerts > room) {
      *kept++ = std::move(*intake);
      continue;
    }
    if (intake != begin) room -= alerts;
    alerts_ -= alerts;
    taken.emplace_back(std::move(*intake));
  }
  intakes_.erase(kept, looked);
}

void InputQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  filled_.notify_all();
}

bool InputQueue::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::size_t InputQueue::length() const {
  const std::lock_guard lock(mutex_);
  return items_.size() + intakes_.size();
}

}  // namespace fieldmedic
