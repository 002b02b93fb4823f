// What people are told goes through the outbox: queued in the journal, delivered at least once. And
// what was lost on the way in is asked back.
#include "remediator/core/backoff.hpp"
#include "remediator/core/deciding.hpp"
#include "remediator/core/message_text.hpp"

namespace fieldmedic::core {
namespace {

constexpr Duration kGiveUpAfter =
    std::chrono::hours(24);                    // an outage of the network is no reason to be silent
constexpr std::uint32_t kTriesBeforeNext = 5;  // "send: first": half a minute a channel
constexpr Backoff kDeliveryBackoff{Duration{1'000}, Duration{300'000}};
constexpr Backoff kReconcileBackoff{Duration{2'000}, Duration{120'000}};

}  // namespace

void Deciding::tell(const Incident& ended, MessageKind kind) {
  const Message message = message_about(ended, kind);
  const IncidentId id = ended.id;
  const auto live = policy_.playbooks.find(ended.playbook->name);
  std::vector<std::string> names =
      live == policy_.playbooks.end() ? ended.playbook->receivers : live->second.receivers;
  std::erase_if(names, [&](const std::string& name) { return !policy_.receivers.contains(name); });
  if (names.empty()) names = policy_.self_receivers;  // somebody has to know
  for (const std::string& name : names) {
    const auto receiver = policy_.receivers.find(name);
    if (receiver == policy_.receivers.end()) continue;  // nobody is configured at all
    const std::uint32_t channels = receiver->second.channels;
    switch (receiver->second.send) {
      case ReceiverPolicy::Send::All:
        for (std::uint32_t channel = 0; channel < channels; ++channel)
          queue(id, name, channel, 0, message);
        break;
      case ReceiverPolicy::Send::First:
        if (channels > 0) queue(id, name, 0, channels - 1, message);
        break;
    }
  }
}

void Deciding::tell_self(const std::string& title, const std::string& detail) {
  const Message message{MessageKind::SelfAlert, title, {{"detail", detail}}};
  for (const std::string& name : policy_.self_receivers) {
    const auto receiver = policy_.receivers.find(name);
    if (receiver == policy_.receivers.end()) continue;
    for (std::uint32_t channel = 0; channel < receiver->second.channels; ++channel)
      queue(0, name, channel, 0, message);
  }
}

void Deciding::queue(IncidentId incident, const std::string& receiver, std::uint32_t channel,
                     std::uint32_t channels_after, const Message& message) {
  const MessageId id = state_.last_message + 1;
  const bool full = state_.outbox.size() >= kOutboxMost;
  emit(MessageQueued{id, incident, receiver, channel, channels_after, message});
  if (full) return emit(MessageDropped{id, incident, "", "the outbox is full"});
  release(Deliver{id, receiver, channel, message});
}

void Deciding::drop(const OutboxEntry& entry, const std::string& channel,
                    const std::string& detail) {
  const MessageQueued queued = entry.queued;
  emit(MessageDropped{queued.id, queued.incident, channel, detail});
  if (queued.channels_after > 0)
    queue(queued.incident, queued.receiver, queued.channel + 1, queued.channels_after - 1,
          queued.message);
}

void Deciding::on(const DeliveryDone& input) {
  const auto found = state_.outbox.find(input.id);
  if (found == state_.outbox.end()) return;  // answered before
  const OutboxEntry entry = found->second;
  switch (input.outcome) {
    case Delivery::Delivered:
      return emit(MessageDelivered{input.id, entry.queued.incident, input.channel, input.detail});
    case Delivery::Refused: return drop(entry, input.channel, input.detail);
    case Delivery::Retry: break;
  }
  if (entry.queued.channels_after > 0 && entry.tries + 1 >= kTriesBeforeNext)
    return drop(entry, input.channel, "on to the next channel: " + input.detail);
  if (now_ - entry.since >= kGiveUpAfter)
    return drop(entry, input.channel, "given up after a day: " + input.detail);
  const Time retry_at =
      now_ + std::max(input.retry_after, backoff_delay(kDeliveryBackoff, entry.tries, input.id));
  emit(MessageDeferred{input.id, entry.queued.incident, input.channel, retry_at, input.detail});
  release(Deliver{input.id, entry.queued.receiver, entry.queued.channel, entry.queued.message},
          retry_at);
}

void Deciding::on(const ReconcileDone& input) {
  if (!input.asked) return ask_back_later(input);
  for (const RoutedAlert& routed : input.asked->alerts) receive(routed);
  if (input.losses != state_.losses)
    return release(Reconcile{0, state_.losses});  // lost since it was read
  if (!state_.reconcile_wanted) return;
  // What was lost may be known to the part that is away alone.
  if (!input.asked->missing.empty() && input.tries + 1 < kPartialTries)
    return ask_back_later(input);
  emit(Reconciled{input.asked->alerts.size()});
  if (!input.asked->missing.empty())
    tell_self("Alerts were lost, and not all of Alertmanager could be asked for them",
              input.asked->missing);
}

void Deciding::ask_back_later(const ReconcileDone& input) {
  release(Reconcile{input.tries + 1, input.losses},
          now_ + backoff_delay(kReconcileBackoff, input.tries, state_.epoch));
}

}  // namespace fieldmedic::core
