// What every channel to people looks like.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "common/result.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/core/message.hpp"

namespace fieldmedic {

struct DeliveryAnswer {
  core::Delivery outcome = core::Delivery::Retry;
  std::chrono::milliseconds retry_after{0};  // with Retry: not before; 0: the outbox's own back-off
  std::string detail;  // one line, no secret: "errcode 45009: api freq out of limit"
};

// Thread-safe. The body sent for one message id is byte for byte the same each time.
class Notifier {
 public:
  virtual ~Notifier() = default;
  [[nodiscard]] virtual DeliveryAnswer deliver(core::MessageId id, const core::Message& message,
                                               std::stop_token stop) = 0;
};

struct NotifierTools {
  HttpClient& http;
  const Clock& clock;
};

// The table of channels. Reads {wecom_robot: {key_file: …}} as written in receivers.channels,
// secrets included, and records every error; null when there was one.
[[nodiscard]] std::unique_ptr<Notifier> read_notifier(const YamlMap& channel,
                                                      const NotifierTools& tools);

[[nodiscard]] std::vector<std::string_view> notifier_names();

}  // namespace fieldmedic
