#include "tests/sim/machine.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "remediator/core/fold.hpp"
#include "remediator/journal/state_codec.hpp"

namespace fieldmedic::core::sim {
namespace {

using namespace std::chrono_literals;

// As in engine.cpp.
constexpr Duration kAskJournalAgain{500};
constexpr Duration kLate{10'000};

constexpr int kRareFactor = 10;
constexpr std::uint64_t kSnapshotEvery = 16;  // text is slow

template <class... One, class Variant>
bool is_one_of(const Variant& variant) {
  return (std::holds_alternative<One>(variant) || ...);
}

State folded(const std::vector<Event>& journal) {
  State state;
  for (const Event& event : journal) fold(state, event);
  return state;
}

}  // namespace

Machine::Machine(Parts parts) : parts_(std::move(parts)), rng_(parts_.seed, 2) {}

void Machine::start() {
  refold();
  time_ = std::make_unique<LogicalTime>(parts_.clock, state_.last);
  give(Resume{});
}

void Machine::refold() {
  state_ = folded(journal_);
}

void Machine::check_fold() {
  parts_.judge.rules().hold(Rule::FoldIsState, folded(journal_) == state_,
                            "the state is not the fold of the journal");
  if (++folds_checked_ % kSnapshotEvery == 0) check_snapshot();
}

void Machine::check_snapshot() {
  const auto read = decode_state(encode_state(state_));
  parts_.judge.rules().hold(Rule::SnapshotIsState, read && *read == state_,
                            read ? "a snapshot does not give back the state"
                                 : "a snapshot cannot be read: " + read.error().message);
}

void Machine::give(Input input, Answered answered) {
  if (!alive()) {
    if (answered) answered(Heard::Nothing, std::nullopt);
    return;
  }
  inbox_.push_back({std::move(input), std::move(answered)});
}

std::optional<Duration> Machine::next_wake() const {
  std::optional<Time> due = watchdog_due_;
  if (!delayed_.empty() && (!due || delayed_.top().due < *due)) due = delayed_.top().due;
  if (ask_journal_at_ && !deferred_.empty() && (!due || *ask_journal_at_ < *due))
    due = ask_journal_at_;
  if (!due) return std::nullopt;
  return std::max(Duration{0}, *due - time_->now());
}

void Machine::collect_due(std::vector<Item>& items, Time now) {
  const bool came = std::ranges::any_of(items, [](const Item& item) {
    const auto* batch = std::get_if<AlertBatch>(&item.input);
    return batch != nullptr && batch->watchdog;
  });
  if (!came && watchdog_due_ && *watchdog_due_ <= now) {
    watchdog_due_.reset();
    items.push_back({WatchdogMissed{}, {}});
  }
  while (!delayed_.empty() && delayed_.top().due <= now) {
    Effect effect = delayed_.top().effect;
    delayed_.pop();
    const auto* wake = std::get_if<Wake>(&effect.what);
    if (wake != nullptr && now - effect.not_before > kLate) {
      effect.not_before = now + kLate;
      delayed_.push({effect.not_before, ++order_, std::move(effect)});
    } else if (wake != nullptr) {
      items.push_back({Timer{wake->incident, wake->round}, {}});
    } else {
      parts_.judge.released(effect);
      parts_.carry_out(effect);
    }
  }
}

bool Machine::journal_refuses() {
  const Time now = time_->now();
  if (now >= refuses_until_ && parts_.faults.strikes(Fault::JournalRefuses))
    refuses_until_ = now + rng_.between(100ms, 40s);
  return now < refuses_until_;
}

Machine::CrashAt Machine::draw_crash(const Batch& batch) {
  bool strikes = parts_.faults.strikes(Fault::Crash);
  for (int i = 0; i < kRareFactor && is_rare(batch); ++i)
    strikes = strikes || parts_.faults.strikes(Fault::Crash);
  if (!strikes) return CrashAt::Nowhere;
  constexpr std::array kPlaces{CrashAt::BeforeCommit, CrashAt::AfterCommit, CrashAt::AfterCommit,
                               CrashAt::AmongEffects, CrashAt::BeforeAnswers};
  return rng_.pick(kPlaces);
}

void Machine::work() {
  Batch batch{time_->now(), std::exchange(inbox_, {}), {}};
  if (const auto slept = time_->slept(); slept > Duration{0})
    batch.items.insert(batch.items.begin(), {Slept{slept}, {}});
  else
    collect_due(batch.items, batch.now);
  if (ask_journal_at_) {
    if (batch.now < *ask_journal_at_) return refused(batch);
    if (batch.now < refuses_until_) {
      ask_journal_at_ = batch.now + kAskJournalAgain;
      return refused(batch);
    }
    batch.items.insert(batch.items.begin(), std::make_move_iterator(deferred_.begin()),
                       std::make_move_iterator(deferred_.end()));
    deferred_.clear();
  }
  decide_all(batch);
  commit(batch, draw_crash(batch));
}

// What happens seldom is crashed at more often, so that a million steps reach it.
bool Machine::is_rare(const Batch& batch) {
  return std::ranges::any_of(batch.decided, [](const Decided& each) {
    return std::ranges::any_of(
               each.decision.events,
               [](const Event& event) {
                 return lease_of(event.payload) != 0 ||
                        is_one_of<AlertPersists, StaleResult, Reconciled, ApprovalExpired,
                                  BreakerOpened, BreakerClosed, WatchdogLost, WatchdogReturned>(
                            event.payload);
               }) ||
           std::ranges::any_of(each.decision.effects, [](const Effect& effect) {
             return is_one_of<AskAlerts, CancelAttempt, PlanUndo>(effect.what);
           });
  });
}

void Machine::decide_all(Batch& batch) {
  if (!start_recorded_) {
    Decision start;
    start.events.push_back({std::max(batch.now, state_.last),
                            Started{state_.epoch + 1, "simulate", "boot", "simulation"}});
    fold(state_, start.events.back());
    batch.decided.push_back({nullptr, std::move(start)});
  }
  for (Item& item : batch.items) {
    batch.decided.push_back({&item.input, decide(*policy_, state_, item.input, batch.now)});
    item.verdict = batch.decided.back().decision.verdict;
  }
}

void Machine::commit(Batch& batch, CrashAt crash_at) {
  if (crash_at == CrashAt::BeforeCommit) return die(batch);
  std::vector<Event> events;
  for (const Decided& each : batch.decided)
    events.insert(events.end(), each.decision.events.begin(), each.decision.events.end());
  if (!events.empty()) {
    if (journal_refuses()) {
      ask_journal_at_ = batch.now + kAskJournalAgain;
      refused(batch);
      return refold();
    }
    if (parts_.faults.strikes(Fault::JournalBreaks)) {
      if (rng_.chance(50)) return die(batch);
      crash_at = CrashAt::AfterCommit;
    }
    journal_.insert(journal_.end(), events.begin(), events.end());
  }
  for (const Decided& each : batch.decided)
    parts_.judge.committed({*policy_, each.input, each.decision, batch.now});
  if (crash_at == CrashAt::AfterCommit) {
    for (const Event& event : events) parts_.coverage.crashed_after(event.payload);
    check_fold();
    return die(batch);
  }
  ask_journal_at_.reset();
  start_recorded_ = true;
  released(batch, crash_at);
}

void Machine::released(Batch& batch, CrashAt crash_at) {
  for (const Decided& each : batch.decided)
    for (const Effect& effect : each.decision.effects) {
      if (crash_at == CrashAt::AmongEffects && rng_.chance(50)) {
        parts_.coverage.crashed_before(effect);
        check_fold();
        return die(batch);
      }
      release(effect, batch.now);
    }
  if (crash_at != CrashAt::Nowhere) {
    check_fold();
    return die(batch);
  }
  for (Item& item : batch.items) {
    parts_.judge.answered(item.input, item.verdict);
    if (item.answered) item.answered(Heard::Recorded, item.verdict);
  }
  parts_.judge.at_rest(state_, *policy_, batch.now);
}

void Machine::release(const Effect& effect, Time now) {
  if (std::holds_alternative<ExpectWatchdog>(effect.what)) {
    parts_.coverage.released(effect);
    watchdog_due_ = effect.not_before;
  } else if (effect.not_before > now || std::holds_alternative<Wake>(effect.what)) {
    parts_.judge.delayed(effect);
    delayed_.push({effect.not_before, ++order_, effect});
  } else {
    parts_.judge.released(effect);
    parts_.carry_out(effect);
  }
}

void Machine::refused(Batch& batch) {
  for (Item& item : batch.items) {
    if (item.answered)
      item.answered(Heard::Refused, std::nullopt);
    else
      deferred_.push_back(std::move(item));
  }
}

void Machine::die(Batch& batch) {
  inbox_.insert(inbox_.end(), std::make_move_iterator(batch.items.begin()),
                std::make_move_iterator(batch.items.end()));
  forget();
}

void Machine::crash() {
  check_fold();
  forget();
}

void Machine::forget() {
  const std::vector<Item> unanswered = std::exchange(inbox_, {});
  for (const auto& [id, incident] : state_.open) parts_.coverage.crashed_in(incident.phase);
  state_ = {};
  time_.reset();
  deferred_.clear();
  delayed_ = {};
  watchdog_due_.reset();
  ask_journal_at_.reset();
  start_recorded_ = false;
  parts_.judge.crashed();
  for (const Item& item : unanswered)
    if (item.answered) item.answered(Heard::Nothing, std::nullopt);
}

}  // namespace fieldmedic::core::sim
