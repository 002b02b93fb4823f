// The remediator under test: core::decide over a journal, committed and released as
// remediator/engine.cpp does it, that can die between any two of its moves.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <vector>

#include "remediator/core/decide.hpp"
#include "remediator/logical_time.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/sim/coverage.hpp"
#include "tests/sim/faults.hpp"
#include "tests/sim/judge.hpp"

namespace fieldmedic::core::sim {

// What whoever gave an input hears of it.
enum class Heard { Recorded, Refused, Nothing };

class Machine {
 public:
  using Answered = std::function<void(Heard, const std::optional<Status>& verdict)>;
  struct Parts {
    const ManualClock& clock;
    Faults& faults;
    Judge& judge;
    Coverage& coverage;
    std::function<void(const Effect&)> carry_out;
    std::uint64_t seed;
  };

  explicit Machine(Parts parts);

  // Begins, or begins again after a crash, on what the journal holds.
  void start();
  void use_policy(std::shared_ptr<const Policy> policy) { policy_ = std::move(policy); }
  void give(Input input, Answered answered = {});
  // Decides on all that came in and is due: one batch. May be its last.
  void work();
  // Dies now, between two batches.
  void crash();

  [[nodiscard]] bool alive() const { return time_ != nullptr; }
  [[nodiscard]] bool has_work() const { return !inbox_.empty(); }
  // In how long something is due by itself.
  [[nodiscard]] std::optional<Duration> next_wake() const;
  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const Policy& policy() const { return *policy_; }
  [[nodiscard]] std::shared_ptr<const Policy> shared_policy() const { return policy_; }
  [[nodiscard]] const std::vector<Event>& journal() const { return journal_; }
  // state == fold(journal), as the journal is now; and now and then that of its snapshot.
  void check_fold();

 private:
  struct Item {
    Input input;
    Answered answered;
    std::optional<Status> verdict{};
  };
  struct Decided {
    const Input* input;  // null: the start
    Decision decision;
  };
  struct Delayed {
    Time due;
    std::uint64_t order = 0;
    Effect effect;
  };
  struct Later {
    bool operator()(const Delayed& a, const Delayed& b) const {
      return std::pair(a.due, a.order) > std::pair(b.due, b.order);
    }
  };
  struct Batch {
    Time now;
    std::vector<Item> items;
    std::vector<Decided> decided;
  };
  enum class CrashAt { BeforeCommit, AfterCommit, AmongEffects, BeforeAnswers, Nowhere };

  void collect_due(std::vector<Item>& items, Time now);
  void decide_all(Batch& batch);
  void commit(Batch& batch, CrashAt crash_at);
  void released(Batch& batch, CrashAt crash_at);
  void release(const Effect& effect, Time now);
  void refused(Batch& batch);
  void die(Batch& batch);
  void check_snapshot();
  void forget();
  void refold();
  [[nodiscard]] bool journal_refuses();
  [[nodiscard]] static bool is_rare(const Batch& batch);
  [[nodiscard]] CrashAt draw_crash(const Batch& batch);

  Parts parts_;
  Rng rng_;
  std::shared_ptr<const Policy> policy_;
  std::vector<Event> journal_;
  std::uint64_t folds_checked_ = 0;
  Time refuses_until_{};  // the disk is full, by logical time

  // What a crash takes away.
  State state_;
  std::unique_ptr<LogicalTime> time_;
  std::vector<Item> inbox_;
  std::vector<Item> deferred_;
  std::priority_queue<Delayed, std::vector<Delayed>, Later> delayed_;
  std::optional<Time> watchdog_due_;
  std::optional<Time> ask_journal_at_;  // it refuses
  bool start_recorded_ = false;
  std::uint64_t order_ = 0;
};

}  // namespace fieldmedic::core::sim
