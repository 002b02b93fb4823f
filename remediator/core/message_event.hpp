// What became of messages to people (the outbox). Part of event.hpp.
#pragma once

#include <cstdint>
#include <string>

#include "remediator/core/message.hpp"
#include "remediator/core/plan.hpp"
#include "remediator/core/time.hpp"

namespace fieldmedic::core {

// A message for one channel of one receiver (the outbox).
struct MessageQueued {
  MessageId id = 0;
  IncidentId incident = 0;  // 0: about the remediator itself
  std::string receiver;
  std::uint32_t channel = 0;         // index in the receiver's channels
  std::uint32_t channels_after = 0;  // how many may be tried when this one fails ("send: first")
  Message message;
  friend bool operator==(const MessageQueued&, const MessageQueued&) = default;
};

struct MessageDelivered {
  MessageId id = 0;
  IncidentId incident = 0;
  std::string channel;  // its name in the table: "wecom_robot"
  std::string detail;
  friend bool operator==(const MessageDelivered&, const MessageDelivered&) = default;
};

// Not delivered this time; the next try is not before `retry_at`.
struct MessageDeferred {
  MessageId id = 0;
  IncidentId incident = 0;
  std::string channel;  // its name in the table: "wecom_robot"
  Time retry_at;
  std::string detail;
  friend bool operator==(const MessageDeferred&, const MessageDeferred&) = default;
};

// Given up: refused for good, or out of tries.
struct MessageDropped {
  MessageId id = 0;
  IncidentId incident = 0;
  std::string channel;  // its name in the table: "wecom_robot"
  std::string detail;
  friend bool operator==(const MessageDropped&, const MessageDropped&) = default;
};

}  // namespace fieldmedic::core
