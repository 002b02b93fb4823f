#include "remediator/engine.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <random>

#include <malloc.h>

#include "common/crash_point.hpp"
#include "common/log.hpp"
#include "common/version.hpp"
#include "remediator/core/fold.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kAlertsWaiting = 200'000;
constexpr std::size_t kBatchItems = 256;
constexpr std::chrono::milliseconds kAskJournalAgain{500};
constexpr core::Duration kLate{10'000};

constexpr const char* kEnded = "the engine has ended";

// Whoever waits for an answer gets one, also at the end.
void turn_away(std::vector<Item>& items) {
  for (Item& item : items) {
    if (auto* intake = std::get_if<IntakeItem>(&item)) intake->answer.set_value(Intake::Stopping);
    if (auto* question = std::get_if<QueryItem>(&item))
      question->done.set_value(fail(Errc::Unavailable, kEnded));
    if (auto* order = std::get_if<OrderItem>(&item))
      order->verdict.set_value(fail(Errc::Unavailable, kEnded));
  }
}

// A question is foreign code on the engine's thread: what it throws is its own failure.
void answer(QueryItem& question, const core::State& state, Journal& journal) {
  try {
    question.query(state, journal);
    question.done.set_value({});
  } catch (const std::exception& error) {
    question.done.set_value(fail(Errc::Unavailable, error.what()));
  }
}

std::string new_journal_id() {
  constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::random_device random;
  std::string id;
  for (int i = 0; i < 8; ++i) id += kAlphabet[random() % kAlphabet.size()];
  return id;
}

}  // namespace

struct Engine::Work {
  core::Time now;
  std::vector<Item> items;
  std::vector<core::Event> events;
  std::vector<core::Effect> effects;
  std::vector<core::IgnoreReason> repeated;
};

Engine::Engine(EngineParts parts) : parts_(std::move(parts)), queue_(kAlertsWaiting) {}

Engine::~Engine() = default;

Status Engine::fold_journal() {
  auto state = parts_.journal.state();
  if (!state) return fail(std::move(state.error()));
  state_ = *std::move(state);
  return {};
}

Status Engine::start(std::shared_ptr<const core::Policy> policy) {
  use_policy(std::move(policy));
  if (auto folded = fold_journal(); !folded) return wrap(folded.error(), "read the journal");
  time_ = std::make_unique<LogicalTime>(parts_.clock, state_.last);
  (void)queue_.push(core::Input{core::Resume{}});
  return {};
}

// The first thing in every batch until it is on disk.
void Engine::record_start(Work& work) {
  const core::Event started{
      work.now, core::Started{state_.epoch + 1,
                              state_.journal_id.empty() ? new_journal_id() : state_.journal_id,
                              parts_.clock.boot().boot_id, std::string(kVersion)}};
  core::fold(state_, started);
  work.events.push_back(started);
}

Status Engine::run() {
  Status ended;
  while (ended) {
    std::vector<Item> items = queue_.take(kBatchItems, next_wake());
    if (queue_.closed()) {
      turn_away(items);
      break;
    }
    if (const auto slept = time_->slept(); slept > core::Duration{0})
      items.insert(items.begin(), core::Input{core::Slept{slept}});  // before any timer
    else if (items.size() < kBatchItems)
      collect_due(items);  // answers first: they may be what it waits for
    ended = process(std::move(items));
    if (ended && queue_.length() == 0 && lull_.is_now(parts_.clock.steady())) ended = tidy();
  }
  stop();
  for (auto rest = queue_.take(kBatchItems, {}); !rest.empty(); rest = queue_.take(kBatchItems, {}))
    turn_away(rest);
  if (!ended) parts_.broken("the journal is broken, the remediator ends: " + ended.error().message);
  return ended;
}

// What of the journal can wait until nothing else does.
Status Engine::tidy() {
  tidy_more_ = false;
  lull_.used();
  if (!start_recorded_ || !journal_takes_) return {};
  const auto tidied = parts_.journal.tidy(state_, parts_.clock.wall());
  if (!tidied) {
    if (tidied.error().kind == AppendError::Broken) return fail(Errc::Io, tidied.error().message);
    return {};  // a snapshot that finds no room waits for the next time
  }
  tidy_more_ = tidied->more;
  // Reading the journal, taking up all that was open and the first snapshot took far more memory
  // than they left in use.
  if (!tidy_more_ && !std::exchange(start_tidied_, true)) malloc_trim(0);
  if (tidied->altered.empty()) return {};
  parts_.metrics.journal_altered();
  parts_.refusing("the journal was altered behind our back, see docs/operations.md: " +
                  tidied->altered);
  return {};
}

Status Engine::process(std::vector<Item> items) {
  Work work{time_->now(), std::move(items), {}, {}, {}};
  if (!journal_takes_) {
    if (parts_.clock.steady() < *refusing_until_) {
      refused(work, {});
      return {};
    }
    const auto probed = parts_.journal.probe();
    if (!probed && probed.error().kind == AppendError::Broken) {
      turn_away(work.items);
      return fail(Errc::Io, probed.error().message);
    }
    if (!probed) {
      refused(work, probed.error().message);
      return {};
    }
    work.items.insert(work.items.begin(), std::make_move_iterator(deferred_.begin()),
                      std::make_move_iterator(deferred_.end()));
    deferred_.clear();
  }
  if (!start_recorded_) record_start(work);
  decide_all(work);
  return commit(work);
}

void Engine::decide_all(Work& work) {
  const auto policy = this->policy();
  const auto decide = [&](const core::Input& input) {
    core::Decision decision = core::decide(*policy, state_, input, work.now);
    std::ranges::move(decision.events, std::back_inserter(work.events));
    std::ranges::move(decision.effects, std::back_inserter(work.effects));
    std::ranges::move(decision.repeated, std::back_inserter(work.repeated));
    return std::move(decision.verdict);
  };
  for (Item& item : work.items) {
    if (const auto* input = std::get_if<core::Input>(&item)) (void)decide(*input);
    if (auto* order = std::get_if<OrderItem>(&item)) order->decided = decide(order->order);
    if (auto* intake = std::get_if<IntakeItem>(&item)) {
      core::Input input = std::move(intake->batch);
      (void)decide(input);
    }
  }
}

Status Engine::commit(Work& work) {
  if (!work.events.empty()) {
    crash_point("before_commit", core::name_of(work.events.back().payload));
    const auto head = parts_.journal.append(parts_.journal.head(), stamp(), work.events);
    if (!head && head.error().kind == AppendError::Broken) {
      turn_away(work.items);
      return fail(Errc::Io, head.error().message);
    }
    if (!head) {
      refused(work, head.error().message);
      return fold_journal();
    }
    crash_point("after_commit", core::name_of(work.events.back().payload));
  }
  released(work);
  return {};
}

// All is on disk: answer, act, tell.
void Engine::released(Work& work) {
  refusing_until_.reset();
  if (!journal_takes_) log::info("the journal can be written again");
  journal_takes_ = true;
  start_recorded_ = true;
  parts_.metrics.journal_takes();
  parts_.metrics.committed(work.events, state_);
  if (!work.events.empty()) lull_.committed(work.events.size(), parts_.clock.steady());
  for (const core::IgnoreReason reason : work.repeated) parts_.metrics.repeated(reason);
  for (core::Effect& effect : work.effects) release(std::move(effect), work.now);
  for (Item& item : work.items) {
    if (auto* intake = std::get_if<IntakeItem>(&item)) {
      crash_point("before_answer", "webhook");
      intake->answer.set_value(Intake::Recorded);
      crash_point("after_answer", "webhook");
    }
    if (auto* order = std::get_if<OrderItem>(&item)) {
      crash_point("before_answer", "order");
      order->verdict.set_value(order->decided.value_or(fail(Errc::Invalid, "this is no order")));
      crash_point("after_answer", "order");
    }
    if (auto* question = std::get_if<QueryItem>(&item)) {
      answer(*question, state_, parts_.journal);
    }
  }
}

// Nothing was written: Alertmanager is told to come again, results wait, questions are answered
// from what stands.
void Engine::refused(Work& work, const std::string& why) {
  if (!why.empty()) {
    refusing_until_ = parts_.clock.steady() + kAskJournalAgain;
    journal_takes_ = false;
    parts_.metrics.journal_refused();
    parts_.refusing("the journal refuses to be written, nothing is done until it can: " + why);
  }
  for (Item& item : work.items) {
    if (auto* intake = std::get_if<IntakeItem>(&item)) {
      intake->answer.set_value(Intake::JournalRefuses);
    } else if (auto* order = std::get_if<OrderItem>(&item)) {
      order->verdict.set_value(fail(Errc::Unavailable, "the journal cannot be written now"));
    } else if (auto* question = std::get_if<QueryItem>(&item)) {
      if (why.empty()) {
        answer(*question, state_, parts_.journal);
      } else {
        (void)queue_.push(std::move(item));  // the state is being read again; asked right after
      }
    } else {
      deferred_.push_back(std::move(item));
    }
  }
}

void Engine::release(core::Effect effect, core::Time now) {
  if (std::holds_alternative<core::ExpectWatchdog>(effect.what)) {
    watchdog_due_ = effect.not_before;
    return;
  }
  const core::Time due = effect.not_before;
  if (const auto* wake = std::get_if<core::Wake>(&effect.what))
    wakes_.push({due, ++order_, *wake});
  else if (due > now)
    delayed_.push({due, ++order_, std::move(effect)});
  else
    parts_.effects.start(std::move(effect));
}

void Engine::collect_due(std::vector<Item>& items) {
  const core::Time now = time_->now();
  const bool watchdog_came = std::ranges::any_of(items, [](const Item& item) {
    const auto* intake = std::get_if<IntakeItem>(&item);
    return intake != nullptr && intake->batch.watchdog;
  });
  // One that waits still came in time, but not for ever.
  const core::Time missed_before = queue_.length() == 0 ? now : now - kLate;
  if (!watchdog_came && watchdog_due_ && *watchdog_due_ <= missed_before) {
    watchdog_due_.reset();
    items.emplace_back(core::Input{core::WatchdogMissed{}});
  }
  while (!wakes_.empty() && wakes_.top().due <= now) {
    const Delayed<core::Wake> next = wakes_.top();
    wakes_.pop();
    // Late by more than a moment: the machine slept or we were held up, and so were the answers
    // (S8).
    if (now - next.due > kLate)
      wakes_.push({now + kLate, ++order_, next.what});
    else
      items.emplace_back(core::Input{core::Timer{next.what.incident, next.what.round}});
  }
  while (!delayed_.empty() && delayed_.top().due <= now) {
    core::Effect effect = delayed_.top().what;
    delayed_.pop();
    parts_.effects.start(std::move(effect));
  }
}

std::optional<SteadyTime> Engine::next_wake() const {
  std::optional<SteadyTime> wake = lull_.begins();
  if (!wake && tidy_more_) wake = parts_.clock.steady();
  std::optional<core::Time> due = watchdog_due_;
  if (!wakes_.empty() && (!due || wakes_.top().due < *due)) due = wakes_.top().due;
  if (!delayed_.empty() && (!due || delayed_.top().due < *due)) due = delayed_.top().due;
  const auto or_at = [&](SteadyTime time) { wake = wake ? std::min(*wake, time) : time; };
  if (due) or_at(parts_.clock.steady() + std::max(core::Duration{0}, *due - time_->now()));
  if (refusing_until_) or_at(*refusing_until_);
  return wake;
}

void Engine::stop() {
  queue_.close();
}

void Engine::use_policy(std::shared_ptr<const core::Policy> policy) {
  const std::lock_guard lock(policy_mutex_);
  policy_ = std::move(policy);
}

std::shared_ptr<const core::Policy> Engine::policy() const {
  const std::lock_guard lock(policy_mutex_);
  return policy_;
}

Stamp Engine::stamp() const {
  return {state_.epoch, parts_.clock.wall(), parts_.clock.boot()};
}

Intake Engine::submit(core::AlertBatch batch) {
  IntakeItem item{std::move(batch), {}};
  std::future<Intake> answer = item.answer.get_future();
  if (!queue_.push_intake(item)) return queue_.closed() ? Intake::Stopping : Intake::QueueFull;
  return answer.get();
}

void Engine::post(core::Input input) {
  (void)queue_.push(std::move(input));
}

Status Engine::order(core::Input order) {
  OrderItem item{std::move(order), {}};
  std::future<Status> verdict = item.verdict.get_future();
  if (!queue_.push(std::move(item))) return fail(Errc::Unavailable, kEnded);
  return verdict.get();
}

Status Engine::ask(Query query) {
  QueryItem item{std::move(query), {}};
  std::future<Status> done = item.done.get_future();
  if (!queue_.push(std::move(item))) return fail(Errc::Unavailable, kEnded);
  return done.get();
}

}  // namespace fieldmedic
