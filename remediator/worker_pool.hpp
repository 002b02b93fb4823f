// Threads that carry out what may take long. They never call the engine; they post.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "common/clock.hpp"

namespace fieldmedic {

// Thread-safe. Threads are made when they are first needed, at most `most_threads`.
class WorkerPool {
 public:
  using Task = std::function<void(std::stop_token stop)>;

  explicit WorkerPool(std::size_t most_threads) : most_threads_(most_threads) {}
  // Requests every running task to stop, drops those that wait, and joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Runs the task on one of the threads. What waits is bounded by the incidents that are open and
  // the messages in the outbox. A task that throws is ended and logged: its incident's timer then
  // decides.
  void submit(Task task);

  // Requests every running task to stop and drops those that wait. False when one still runs at
  // `until`. Nothing that is submitted afterwards is run.
  [[nodiscard]] bool settle(SteadyTime until);

 private:
  void add_thread();
  void work(const std::stop_token& stop);

  const std::size_t most_threads_;
  std::mutex mutex_;
  std::condition_variable_any filled_;
  std::condition_variable ended_;
  std::deque<Task> tasks_;
  bool settled_ = false;
  std::size_t idle_ = 0;
  std::size_t alive_ = 0;  // threads that have not come to their end
  std::vector<std::jthread> threads_;
};

}  // namespace fieldmedic
