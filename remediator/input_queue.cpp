#include "remediator/input_queue.hpp"

namespace fieldmedic {

bool InputQueue::push_intake(IntakeItem& item) {
  const std::lock_guard lock(mutex_);
  const std::size_t more = item.batch.alerts.size();
  if (closed_ || (alerts_ > 0 && alerts_ + more > most_alerts_)) return false;
  alerts_ += more;
  items_.emplace_back(std::move(item));
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
  const auto ready = [&] { return closed_ || !items_.empty(); };
  if (deadline)
    (void)filled_.wait_until(lock, *deadline, ready);
  else
    filled_.wait(lock, ready);
  std::vector<Item> taken;
  while (!items_.empty() && taken.size() < most) {
    if (const auto* intake = std::get_if<IntakeItem>(&items_.front()))
      alerts_ -= intake->batch.alerts.size();
    taken.push_back(std::move(items_.front()));
    items_.pop_front();
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
  return items_.size();
}

}  // namespace fieldmedic
