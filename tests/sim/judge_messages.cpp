// What people are told: numbered once, sent once at a time, tried again in time, ended one way.
#include <algorithm>

#include "tests/sim/judge.hpp"

namespace fieldmedic::core::sim {
namespace {

using namespace std::chrono_literals;

std::string message(MessageId id) {
  return "message " + std::to_string(id);
}

// The least that is waited after so many failures: doubling from a second to five minutes, less the
// quarter that may be taken off to spread the tries.
Duration least_wait(int failures) {
  constexpr int kDoublings = 8;  // to 256 s; then 300 s
  const Duration whole = failures > kDoublings ? 300s : 1s * (1 << failures);
  return whole * 3 / 4;
}

}  // namespace

void Judge::look(const MessageQueued& e, const Committed&) {
  hold(Rule::IdsAreNew, e.id > ledger_.last_message, "a message's number is used again");
}

void Judge::look(const MessageDeferred& e, const Committed& step) {
  const auto letter = ledger_.messages.find(e.id);
  const auto* done = step.given<DeliveryDone>();
  hold(Rule::MessageEnds, letter != ledger_.messages.end() && done != nullptr,
       message(e.id) + " is put off and is not under way");
  if (letter == ledger_.messages.end() || done == nullptr) return;
  const Duration wait = e.retry_at - step.now;
  hold(Rule::BacksOff, wait >= done->retry_after && wait >= least_wait(letter->second.tries),
       message(e.id) + " is tried again after " + std::to_string(wait.count()) + " ms and " +
           std::to_string(letter->second.tries + 1) + " failures");
}

void Judge::look(const MessageDropped& e, const Committed& step) {
  const auto letter = ledger_.messages.find(e.id);
  if (letter == ledger_.messages.end()) return;
  const MessageQueued& queued = letter->second.queued;
  if (queued.channels_after == 0) return;
  hold(Rule::NextChannel, step.says<MessageQueued>([&](const MessageQueued& next) {
    return next.receiver == queued.receiver && next.channel == queued.channel + 1 &&
           next.channels_after == queued.channels_after - 1 && next.message == queued.message;
  }),
       message(e.id) + " is dropped and the next channel does not get it");
}

void Judge::check(const Deliver& effect) {
  hold(Rule::EffectAfterEvent, effect.id <= ledger_.last_message,
       "a message is delivered that is not on record");
  hold(Rule::SentOnce, ledger_.messages.contains(effect.id) && sending_.insert(effect.id).second,
       message(effect.id) + " is sent while it is under way or after its end");
}

}  // namespace fieldmedic::core::sim
