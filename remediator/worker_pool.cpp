#include "remediator/worker_pool.hpp"

#include <exception>
#include <string>
#include <system_error>

#include "common/log.hpp"

namespace fieldmedic {

WorkerPool::~WorkerPool() {
  for (std::jthread& thread : threads_) thread.request_stop();
  // jthread joins; the condition variable wakes by the stop token.
}

bool WorkerPool::settle(SteadyTime until) {
  std::unique_lock lock(mutex_);
  settled_ = true;
  tasks_.clear();
  for (std::jthread& thread : threads_) thread.request_stop();
  return ended_.wait_until(lock, until, [this] { return alive_ == 0; });
}

void WorkerPool::submit(Task task) {
  const std::lock_guard lock(mutex_);
  if (settled_) return;
  tasks_.push_back(std::move(task));
  if (tasks_.size() > idle_ && threads_.size() < most_threads_) add_thread();
  filled_.notify_one();
}

// Without another thread the task waits for one of those there are; without any, for better times.
void WorkerPool::add_thread() {
  try {
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    ++alive_;
  } catch (const std::system_error& error) {
    log::error(std::string("no thread for a worker: ") + error.what());
  }
}

void WorkerPool::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    const bool task_is_there = filled_.wait(lock, stop, [this] { return !tasks_.empty(); });
    --idle_;
    if (!task_is_there || stop.stop_requested()) break;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    try {
      task(stop);
    } catch (const std::exception& error) {
      log::error(std::string("a worker's task ended by an exception: ") + error.what());
    }
    task = nullptr;
    lock.lock();
  }
  --alive_;
  ended_.notify_all();
}

}  // namespace fieldmedic
