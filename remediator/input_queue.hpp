// What waits for the engine: alerts from webhooks (bounded), results of effects, questions to the
// state.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "remediator/core/input.hpp"
#include "remediator/core/state.hpp"
#include "remediator/journal/journal.hpp"

namespace fieldmedic {

// What became of a batch of alerts. Only Recorded may be answered with 2xx (S15).
enum class Intake {
  Recorded,
  QueueFull,
  JournalRefuses,
  Stopping,
};

struct IntakeItem {
  core::AlertBatch batch;
  std::promise<Intake> answer;
};

// What a person ordered; the verdict is given when what follows from it is on disk.
struct OrderItem {
  core::Input order;
  std::promise<Status> verdict;
  std::optional<Status> decided{};
};

// Asked on the engine's thread, between two batches.
using Query = std::function<void(const core::State&, Journal&)>;

struct QueryItem {
  Query query;
  std::promise<Status> done;
};

using Item = std::variant<IntakeItem, core::Input, QueryItem, OrderItem>;

// Thread-safe.
class InputQueue {
 public:
  // The alerts that may wait; results of effects are bounded by the effects in flight, questions by
  // the server's threads.
  explicit InputQueue(std::size_t most_alerts) : most_alerts_(most_alerts) {}

  // False when that would be more alerts than may wait, or after close(). A single batch is always
  // taken while nothing else waits.
  [[nodiscard]] bool push_intake(IntakeItem& item);
  // False after close().
  bool push(Item item);
  // What waits; waits for the first until `deadline`. Results, questions and orders, at most `most`
  // of them, go before alerts: what is under way goes on before more of it begins. Of the alerts
  // some are always taken: the webhook that waits longest, and those that fit beside it, at most
  // 257 of them.
  [[nodiscard]] std::vector<Item> take(std::size_t most, std::optional<SteadyTime> deadline);
  // Wakes take(); nothing is accepted any more.
  void close();
  [[nodiscard]] bool closed() const;
  [[nodiscard]] std::size_t length() const;

 private:
  void take_intakes(std::size_t room, std::vector<Item>& taken);

  const std::size_t most_alerts_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Item> items_;  // all but alerts
  std::deque<IntakeItem> intakes_;
  std::size_t alerts_ = 0;
  bool closed_ = false;
};

}  // namespace fieldmedic
