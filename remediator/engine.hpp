// The one thread that decides: inputs in, events to the journal, then, and only then, effects out.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "remediator/core/decide.hpp"
#include "remediator/effect_runner.hpp"
#include "remediator/input_queue.hpp"
#include "remediator/journal/journal.hpp"
#include "remediator/logical_time.hpp"
#include "remediator/lull.hpp"
#include "remediator/metrics.hpp"

namespace fieldmedic {

struct EngineParts {
  Journal& journal;
  const Clock& clock;
  EffectRunner& effects;
  Metrics& metrics;
  // Tell people at once and without the journal that it cannot be written (S16): now and then while
  // it refuses (the callee limits the rate), and before the process ends when it is broken.
  std::function<void(const std::string& what)> refusing;
  std::function<void(const std::string& what)> broken;
};

class Engine {
 public:
  explicit Engine(EngineParts parts);
  ~Engine();

  // Folds the journal. run() then records this start (a new epoch) and takes up what was under way,
  // as soon as the journal takes it. Before run().
  [[nodiscard]] Status start(std::shared_ptr<const core::Policy> policy);

  // The engine's thread: until stop(), or until the journal is broken (S17), which is the error:
  // the process must end, and starting again recovers.
  [[nodiscard]] Status run();

  // The rest is thread-safe.
  void stop();
  void use_policy(std::shared_ptr<const core::Policy> policy);
  // Waits until the batch and all before it are on disk, or are refused.
  [[nodiscard]] Intake submit(core::AlertBatch batch);
  // A result comes home.
  void post(core::Input input);
  // Runs `query` on the engine's thread and waits for it. Errc::Unavailable when the engine has
  // ended.
  [[nodiscard]] Status ask(Query query);
  // Gives what a person ordered (Approve, Pause …) and waits until what follows is on disk. The
  // verdict is the core's; Errc::Unavailable: the engine has ended or the journal refuses.
  [[nodiscard]] Status order(core::Input order);
  // False while the journal refuses what is written.
  [[nodiscard]] bool journal_takes() const { return journal_takes_; }
  [[nodiscard]] std::size_t queue_length() const { return queue_.length(); }

 private:
  template <class What>
  struct Delayed {
    core::Time due;
    std::uint64_t order = 0;
    What what;

    friend bool operator>(const Delayed& a, const Delayed& b) {
      return std::tie(a.due, a.order) > std::tie(b.due, b.order);
    }
  };
  template <class What>  // the earliest on top
  using DelayedQueue =
      std::priority_queue<Delayed<What>, std::vector<Delayed<What>>, std::greater<Delayed<What>>>;
  struct Work;  // one batch on its way through decide and commit

  [[nodiscard]] Status fold_journal();
  void record_start(Work& work);
  [[nodiscard]] Status process(std::vector<Item> items);
  void decide_all(Work& work);
  [[nodiscard]] Status commit(Work& work);
  [[nodiscard]] Status tidy();
  void released(Work& work);
  void refused(Work& work, const std::string& why);
  void release(core::Effect effect, core::Time now);
  void collect_due(std::vector<Item>& items);
  [[nodiscard]] std::optional<SteadyTime> next_wake() const;
  [[nodiscard]] std::shared_ptr<const core::Policy> policy() const;
  [[nodiscard]] Stamp stamp() const;

  EngineParts parts_;
  InputQueue queue_;
  core::State state_;
  std::unique_ptr<LogicalTime> time_;
  DelayedQueue<core::Wake> wakes_;  // one an open incident at least, so kept small
  DelayedQueue<core::Effect> delayed_;
  std::uint64_t order_ = 0;
  std::optional<core::Time> watchdog_due_;
  std::vector<Item> deferred_;                // results that the journal refused to record yet
  std::optional<SteadyTime> refusing_until_;  // the journal refuses; asked again then
  bool start_recorded_ = false;
  Lull lull_;
  bool tidy_more_ = false;
  bool start_tidied_ = false;
  std::atomic<bool> journal_takes_ = true;
  mutable std::mutex policy_mutex_;
  std::shared_ptr<const core::Policy> policy_;
};

}  // namespace fieldmedic
