// What people are told. Channel-neutral: each notifier gives it its own shape.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fieldmedic::core {

using MessageId = std::uint64_t;

enum class MessageKind { Recovered, HandedOver, Cancelled, SelfAlert, ApprovalWanted, WideFault };

[[nodiscard]] constexpr std::string_view to_string(MessageKind kind) {
  switch (kind) {
    case MessageKind::Recovered: return "recovered";
    case MessageKind::HandedOver: return "handed_over";
    case MessageKind::Cancelled: return "cancelled";
    case MessageKind::SelfAlert: return "self_alert";
    case MessageKind::ApprovalWanted: return "approval_wanted";
    case MessageKind::WideFault: return "wide_fault";
  }
  return "invalid";
}

struct Message {
  MessageKind kind = MessageKind::SelfAlert;
  std::string title;  // one line
  std::vector<std::pair<std::string, std::string>>
      fields;  // "target" -> "collector/orders@sh-01" …

  friend bool operator==(const Message&, const Message&) = default;
};

// How one delivery to one channel ended.
enum class Delivery {
  Delivered,  // the other side said that it took it
  Retry,      // not taken, may be later (or unknown: told twice is better than never)
  Refused,    // will never be taken: wrong key, wrong content
};

[[nodiscard]] constexpr std::string_view to_string(Delivery delivery) {
  switch (delivery) {
    case Delivery::Delivered: return "delivered";
    case Delivery::Retry: return "retry";
    case Delivery::Refused: return "refused";
  }
  return "invalid";
}

}  // namespace fieldmedic::core
