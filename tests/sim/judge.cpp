#include "tests/sim/judge.hpp"

#include <algorithm>

#include "tests/sim/scope_oracle.hpp"

namespace fieldmedic::core::sim {
namespace {

using namespace std::chrono_literals;

std::string number(std::uint64_t n) {
  return std::to_string(n);
}

bool is_order(const Input& input) {
  return std::holds_alternative<Approve>(input) || std::holds_alternative<CancelIncident>(input) ||
         std::holds_alternative<Pause>(input) || std::holds_alternative<Unpause>(input) ||
         std::holds_alternative<CloseBreaker>(input) || std::holds_alternative<EndLease>(input);
}

}  // namespace

void Judge::committed(const Committed& step) {
  if (step.input != nullptr) coverage_.gave(*step.input);
  take_in(step);
  for (const Event& event : step.decision.events) {
    hold(Rule::TimeForward, event.at >= ledger_.last, "an event is older than the one before");
    coverage_.recorded(event.payload);
    std::visit([&](const auto& e) { look(e, step); }, event.payload);
    ledger_.record(event);
  }
  for (const Effect& effect : step.decision.effects) {
    const auto* asked = std::get_if<RunChecks>(&effect.what);
    if (asked == nullptr) continue;
    auto& look = looks_[{asked->incident, asked->round}];
    if (const Case* one = ledger_.find(asked->incident)) look = one->look;
    if (const Rented* lease = ledger_.find_lease(asked->incident)) look = lease->look;
  }
  if (const auto* batch = step.given<AlertBatch>(); batch != nullptr && batch->watchdog)
    watchdog_seen_ = step.now;
  for (const IgnoreReason reason : step.decision.repeated) coverage_.repeated(reason);
  look_at_breakers(step);
  if (step.input != nullptr && is_order(*step.input)) look_at_order(step);
}

void Judge::take_in(const Committed& step) {
  if (const auto* timer = step.given<Timer>()) look_at_timer(*timer, step);
  if (const auto* done = step.given<ChecksDone>()) {
    const Case* one = ledger_.find(done->incident);
    const auto asked = looks_.find({done->incident, done->round});
    if (one != nullptr && asked != looks_.end() && asked->second == one->look)
      ledger_.saw(done->incident, done->answers, step.now);
    const Rented* lease = ledger_.find_lease(done->incident);
    if (lease != nullptr && asked != looks_.end() && asked->second == lease->look)
      ledger_.saw_of_lease(done->incident, done->answers, step.now);
  }
  look_at_answer<Planned>(step);
  look_at_answer<ApplyDone>(step);
  look_at_answer<ConfirmDone>(step);
  if (const auto* done = step.given<ApplyDone>()) running_.erase({done->attempt, done->step});
  if (const auto* done = step.given<ConfirmDone>();
      done != nullptr &&
      (done->answer == Confirmed::Applied || done->answer == Confirmed::NotApplied))
    running_.erase({done->attempt, done->step});
  if (const auto* done = step.given<DeliveryDone>()) sending_.erase(done->id);
}

template <class Answer>
void Judge::look_at_answer(const Committed& step) {
  const Answer* answer = step.given<Answer>();
  if (answer == nullptr) return;
  const Case* one = ledger_.find(answer->incident);
  if (one != nullptr && one->attempt == answer->attempt) return;
  const Rented* lease = ledger_.find_lease(answer->incident);
  if (lease != nullptr && lease->undo == answer->attempt) return;
  const bool recorded = std::ranges::all_of(step.decision.events, [](const Event& event) {
    return std::holds_alternative<StaleResult>(event.payload);
  });
  hold(Rule::StaleOnly, recorded && step.decision.effects.empty(),
       "an answer about " + answer->attempt + ", which is over, does something");
}

void Judge::look_at_timer(const Timer& timer, const Committed& step) {
  const auto found = wakes_.find({timer.incident, timer.round});
  if (found != wakes_.end() && --found->second == 0) wakes_.erase(found);
  const auto newest = newest_.find(timer.incident);
  if (newest == newest_.end() || timer.round >= newest->second) return;
  hold(Rule::OldTimer, step.decision.events.empty() && step.decision.effects.empty(),
       "a timer of round " + number(timer.round) + " of incident " + number(timer.incident) +
           " does something in round " + number(newest->second));
}

void Judge::look_at_order(const Committed& step) {
  const bool answered = step.decision.verdict.has_value();
  hold(Rule::OrderAnswered, answered, "an order has no verdict");
  if (!answered) return;
  const bool granted = step.decision.verdict->has_value();
  coverage_.ordered(*step.input, granted);
  hold(Rule::OrderAnswered, granted != step.decision.events.empty(),
       granted ? "an order was granted and nothing recorded" : "a refused order did something");
}

void Judge::answered(const Input& input, const std::optional<Status>& verdict) {
  if (is_order(input))
    hold(Rule::OrderAnswered, verdict.has_value(), "an order is answered without a verdict");
  const auto* batch = std::get_if<AlertBatch>(&input);
  if (batch == nullptr) return;
  for (const RoutedAlert& routed : batch->alerts)
    hold(Rule::Acknowledged, ledger_.alerts.contains(routed.alert.key),
         "the alert " + routed.alert.key.fingerprint + " was acknowledged and is nowhere");
  if (!batch->lost.empty())
    hold(Rule::Acknowledged, ledger_.losses > 0, "a loss was acknowledged and is nowhere");
}

void Judge::crashed() {
  wakes_.clear();
  looks_.clear();
  running_.clear();
  sending_.clear();
  newest_.clear();
}

void Judge::delayed(const Effect& effect) {
  coverage_.released(effect);
  if (const auto* wake = std::get_if<Wake>(&effect.what)) {
    ++wakes_[{wake->incident, wake->round}];
    newest_[wake->incident] = std::max(newest_[wake->incident], wake->round);
  }
}

void Judge::at_rest(const State& state, const Policy& policy, Time now) {
  for (const auto& [id, incident] : state.open)
    hold(Rule::TimerBehind, wakes_.contains({id, incident.round}),
         "incident " + number(id) + " is " + std::string(to_string(incident.phase)) +
             " and nothing will wake it");
  leases_at_rest(state, now);
  for (const auto& [id, one] : ledger_.open)
    if (one.adopted_by != 0)
      hold(Rule::Released, ledger_.find(one.adopted_by) != nullptr,
           "incident " + number(id) + " waits for " + number(one.adopted_by) + ", which has ended");
  if (policy.watchdog_within == Duration{0}) return;
  const Time seen = std::max(watchdog_seen_, ledger_.back_since);
  hold(Rule::WatchdogTold, ledger_.watchdog_lost || now - seen <= policy.watchdog_within + 1s,
       "no Watchdog since " + number(static_cast<std::uint64_t>((now - seen).count())) + " ms");
}

void Judge::finish(const Policy& policy) {
  for (const auto& [id, one] : ledger_.open)
    hold(Rule::EndsInTime, false,
         "incident " + number(id) + " on " + key_of(one.target) + " is still open");
  hold(Rule::EndsInTime, true, "");
  for (const auto& [id, lease] : ledger_.leases)
    hold(Rule::LeaseEnds, lease.handed_over, "lease " + number(id) + " never ends");
  hold(Rule::MessageEnds, ledger_.messages.empty(),
       number(ledger_.messages.size()) + " messages are under way for ever");
  if (policy.alertmanager_known)
    hold(Rule::AskedBack, !ledger_.asking_back, "what was lost is not asked back");
}

void Judge::look(const Started& e, const Committed& step) {
  watchdog_seen_ = step.now;  // nobody counts from before
  hold(Rule::IdsAreNew, e.epoch > ledger_.epoch, "the epoch does not rise");
}

void Judge::look(const AlertReceived& e, const Committed&) {
  const auto known = ledger_.alerts.find(e.key);
  hold(Rule::OccurrenceOnce,
       known == ledger_.alerts.end() || known->second == 0 || known->second == e.incident,
       e.key.fingerprint + " was used by another incident before " + number(e.incident));
}

void Judge::look(const IncidentOpened& e, const Committed& step) {
  if (e.fault != Fault::Node) {
    told(e.incident, MessageKind::WideFault, step);
    const bool by_alert = step.says<AlertReceived>(
        [&](const AlertReceived& received) { return received.incident == e.incident; });
    hold(Rule::WideRight,
         by_alert || is_wide(ledger_, e.target.group, e.fault, step.policy, step.now),
         "incident " + number(e.incident) + " takes for one fault what is none");
  }
  const TargetBook book = ledger_.book(e.target);
  hold(
      Rule::OneIncident, book.open == 0,
      number(e.incident) + " opens while " + number(book.open) + " is open on " + key_of(e.target));
  hold(Rule::IdsAreNew, e.incident > ledger_.last_incident, "an incident's number is used again");
  const bool relapse =
      book.last.incident != 0 && step.now - book.last.at < e.playbook.relapse.within;
  hold(Rule::RelapseCounted, e.relapse_of == (relapse ? book.last.incident : 0),
       "incident " + number(e.incident) + (relapse ? " is a relapse of " : " is no relapse of ") +
           number(relapse ? book.last.incident : e.relapse_of));
  const bool goes_on = relapse && book.last.playbook == e.playbook.name;
  hold(Rule::LadderInOrder, e.first_tier == (goes_on ? book.last.tier : 0),
       "incident " + number(e.incident) + " begins at tier " + number(e.first_tier));
}

void Judge::look(const WatchdogLost&, const Committed& step) {
  hold(Rule::WatchdogTold, step.now - watchdog_seen_ >= step.policy.watchdog_within,
       "the Watchdog is missed too early");
  told(0, MessageKind::SelfAlert, step);
}

void Judge::look(const IntakeLost&, const Committed& step) {
  if (!step.policy.alertmanager_known) told(0, MessageKind::SelfAlert, step);
}

void Judge::look(const Reconciled&, const Committed& step) {
  const auto* done = step.given<ReconcileDone>();
  hold(Rule::AskedBack, done != nullptr && done->asked && done->losses == ledger_.losses,
       "what was lost since Alertmanager was read is taken for asked back");
  if (done == nullptr || !done->asked || done->asked->missing.empty()) return;
  hold(Rule::AskedBack, done->tries + 1 >= kPartialTries,
       "what a part of Alertmanager knows is taken for all that was lost");
  told(0, MessageKind::SelfAlert, step);
}

// What a person has to know is queued in the same commit.
void Judge::told(IncidentId incident, MessageKind kind, const Committed& step) {
  hold(Rule::Told, step.says<MessageQueued>([&](const MessageQueued& queued) {
    return queued.incident == incident && queued.message.kind == kind;
  }),
       "nobody is told: " + std::string(to_string(kind)) + " of incident " + number(incident));
}

}  // namespace fieldmedic::core::sim
