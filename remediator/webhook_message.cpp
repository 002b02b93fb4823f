#include "remediator/webhook_message.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/quote.hpp"
#include "remediator/json_walk.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kAlertLevel = 2;  // {"alerts": [ … ]}

class WebhookReader final : public JsonListener {
 public:
  Status opened(const JsonPath& at, JsonType type) override;
  Status scalar(const JsonPath& at, const JsonScalar& value) override;
  Status closed(const JsonPath& at) override;

  Result<WebhookMessage> result();

 private:
  Status read_top(const JsonPath& at, const JsonScalar& value);
  Status saw(const JsonPath& at, bool& seen);
  void keep(std::expected<core::Alert, PoisonAlert> alert);
  // Beyond the bound, alerts are counted and otherwise passed over.
  [[nodiscard]] bool is_full() const {
    return message_.alerts.size() + message_.poison.size() >= kMostAlerts;
  }

  WebhookMessage message_;
  AlertReader alert_{kAlertLevel};
  std::uint64_t passed_over_ = 0;
  bool has_version_ = false, has_alerts_ = false, has_receiver_ = false, has_truncated_ = false;
};

std::unexpected<Error> wrong(const JsonPath& at, std::string_view wanted, std::string_view got) {
  return fail(Errc::Malformed, fmt::format("{}: wants {}, got {}", at.text(), wanted, got));
}

bool in_alerts(const JsonPath& at) {
  return at.depth() >= kAlertLevel && at.key(0) == "alerts";
}

Status WebhookReader::saw(const JsonPath& at, bool& seen) {
  if (std::exchange(seen, true))
    return fail(Errc::Malformed, fmt::format("{}: stands there twice", at.text()));
  return {};
}

void WebhookReader::keep(std::expected<core::Alert, PoisonAlert> alert) {
  if (is_full())
    ++passed_over_;
  else if (alert)
    message_.alerts.push_back(*std::move(alert));
  else
    message_.poison.push_back(std::move(alert.error()));
}

Status WebhookReader::opened(const JsonPath& at, JsonType type) {
  if (at.depth() == 0)
    return type == JsonType::Object ? Status{} : wrong(at, "an object", to_string(type));
  if (in_alerts(at)) {
    if (at.depth() > kAlertLevel) {
      if (!is_full()) alert_.opened(at, type);
      return {};
    }
    alert_.begin();
    if (type != JsonType::Object) alert_.poison(at, "wants an object, got a list");
    return {};
  }
  if (at.depth() > 1) return {};
  const std::string_view field = at.key(0);
  if (field == "alerts")
    return type == JsonType::Array ? saw(at, has_alerts_) : wrong(at, "a list", to_string(type));
  if (field == "version" || field == "receiver") return wrong(at, "a string", to_string(type));
  if (field == "truncatedAlerts") return wrong(at, "a whole number", to_string(type));
  return {};
}

Status WebhookReader::scalar(const JsonPath& at, const JsonScalar& value) {
  if (at.depth() == 0) return wrong(at, "an object", to_string(value.type));
  if (at.depth() == 1) return read_top(at, value);
  if (!in_alerts(at) || is_full()) {
    if (in_alerts(at) && at.depth() == kAlertLevel) ++passed_over_;
    return {};
  }
  if (at.depth() == kAlertLevel) {
    alert_.begin();
    alert_.poison(at, fmt::format("wants an object, got {}", to_string(value.type)));
    keep(alert_.end(at));
  } else if (at.depth() == kAlertLevel + 1 && at.key(kAlertLevel) == "status") {
    if (value.type == JsonType::Text && value.text == "firing")
      alert_.set_status(at, core::AlertStatus::Firing);
    else if (value.type == JsonType::Text && value.text == "resolved")
      alert_.set_status(at, core::AlertStatus::Resolved);
    else
      alert_.poison(at, "wants firing or resolved");
  } else {
    alert_.scalar(at, value);
  }
  return {};
}

Status WebhookReader::read_top(const JsonPath& at, const JsonScalar& value) {
  const std::string_view field = at.key(0);
  if (field == "version") {
    if (value.type != JsonType::Text) return wrong(at, "'4'", to_string(value.type));
    if (value.text != "4") return wrong(at, "'4'", quote_hostile(value.text));
    return saw(at, has_version_);
  }
  if (field == "receiver") {
    if (value.type != JsonType::Text) return wrong(at, "a string", to_string(value.type));
    message_.receiver = value.text;
    return saw(at, has_receiver_);
  }
  if (field == "truncatedAlerts") {
    if (!value.number) return wrong(at, "a whole number", to_string(value.type));
    message_.truncated = *value.number;
    return saw(at, has_truncated_);
  }
  if (field == "alerts") return wrong(at, "a list", to_string(value.type));
  return {};
}

Status WebhookReader::closed(const JsonPath& at) {
  if (at.depth() == kAlertLevel && in_alerts(at)) keep(alert_.end(at));
  return {};
}

Result<WebhookMessage> WebhookReader::result() {
  if (!has_version_) return fail(Errc::Malformed, "no 'version'");
  if (!has_alerts_) return fail(Errc::Malformed, "no 'alerts'");
  // At least one when alerts were passed over, whatever the sender claims.
  message_.truncated = std::max(message_.truncated + passed_over_, passed_over_);
  return std::move(message_);
}

}  // namespace

Result<WebhookMessage> parse_webhook(std::string_view body) {
  WebhookReader reader;
  if (auto walked = walk_json(body, kDeepestAlerts, reader); !walked) return fail(walked.error());
  return reader.result();
}

}  // namespace fieldmedic
