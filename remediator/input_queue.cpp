#include "remediator/input_queue.hpp"

#include <algorithm>

namespace fieldmedic {
namespace {

// A webhook brings many alerts, and takes as much room as so many results.
constexpr std::size_t kRoomOfIntake = 32;

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
  std::size_t intakes = std::max<std::size_t>(1, (most - taken.size()) / kRoomOfIntake);
  for (; !intakes_.empty() && intakes > 0; --intakes) {
    alerts_ -= intakes_.front().batch.alerts.size();
    taken.emplace_back(std::move(intakes_.front()));
    intakes_.pop_front();
  }
  return taken;
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
