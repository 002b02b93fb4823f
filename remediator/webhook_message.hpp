// The body of Alertmanager's webhook, version 4 (docs/configuration.md, <webhook_config>).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "remediator/alert_reader.hpp"
#include "remediator/core/alert.hpp"

namespace fieldmedic {

struct WebhookMessage {
  std::vector<core::Alert> alerts;  // each with its own status: the top one tells nothing of those
                                    // that were cut
  std::vector<PoisonAlert> poison;  // alerts that cannot be used; the others are not to blame
  std::uint64_t truncated = 0;      // alerts that the body does not hold, or beyond kMostAlerts
  std::string receiver;             // as sent: regular expression quoted, "medic\.all"
};

// Pure. Memory: the alerts kept, and the longest single string of the body. Errc::Malformed, for
// the whole message, when it is not JSON, not version 4, nests too deep, or has a wrong type at its
// top; the message names the place and quotes at most 64 bytes, escaped. Unknown fields are
// ignored.
[[nodiscard]] Result<WebhookMessage> parse_webhook(std::string_view body);

}  // namespace fieldmedic
