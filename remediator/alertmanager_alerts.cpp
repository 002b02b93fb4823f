#include "remediator/alertmanager_alerts.hpp"

#include <utility>

#include <fmt/format.h>

#include "remediator/alert_reader.hpp"
#include "remediator/json_walk.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kAlertLevel = 1;  // [ … ]

class AlertsReader final : public JsonListener {
 public:
  AlertsReader(std::string_view receiver, AlertsWanted wanted)
      : receiver_(receiver), wanted_(wanted) {}

  Status opened(const JsonPath& at, JsonType type) override {
    if (at.depth() == 0 && type != JsonType::Array) return not_a_list(type);
    if (at.depth() > kAlertLevel) alert_.opened(at, type);
    if (at.depth() == kAlertLevel) begin(at, type);
    return {};
  }
  Status scalar(const JsonPath& at, const JsonScalar& value) override;
  Status closed(const JsonPath& at) override;

  std::vector<core::Alert> take() { return std::move(alerts_); }

 private:
  static Status not_a_list(JsonType type) {
    return fail(Errc::Malformed, fmt::format("wants a list of alerts, got {}", to_string(type)));
  }
  void begin(const JsonPath& at, JsonType type) {
    alert_.begin();
    if (type != JsonType::Object) alert_.poison(at, "wants an object");
    taken_ = false;
    ours_ = false;
  }

  std::string_view receiver_;
  AlertReader alert_{kAlertLevel};
  AlertsWanted wanted_;
  bool taken_ = false;  // the alert being read, by its state
  bool ours_ = false;
  std::vector<core::Alert> alerts_;
};

Status AlertsReader::scalar(const JsonPath& at, const JsonScalar& value) {
  if (at.depth() == 0) return not_a_list(value.type);
  if (at.depth() == kAlertLevel) return {};  // not an object, so not an alert
  const std::string_view field = at.key(kAlertLevel);
  const std::size_t depth = at.depth() - kAlertLevel;
  if (field == "status" && depth == 2 && at.key(kAlertLevel + 1) == "state") {
    alert_.set_status(at, core::AlertStatus::Firing);
    taken_ = wanted_ == AlertsWanted::Existing || value.text == "active";
  } else if (field == "receivers" && depth == 3 && at.key(kAlertLevel + 2) == "name") {
    ours_ = ours_ || value.text == receiver_;
  } else {
    alert_.scalar(at, value);
  }
  return {};
}

Status AlertsReader::closed(const JsonPath& at) {
  if (at.depth() != kAlertLevel) return {};
  auto alert = alert_.end(at);
  if (!alert || !taken_ || !ours_) return {};
  if (alerts_.size() == kMostAlerts)
    return fail(Errc::TooLarge, fmt::format("more than {} alerts", kMostAlerts));
  alerts_.push_back(*std::move(alert));
  return {};
}

}  // namespace

Result<std::vector<core::Alert>> parse_alertmanager_alerts(std::string_view body,
                                                           std::string_view receiver,
                                                           AlertsWanted wanted) {
  AlertsReader reader(receiver, wanted);
  if (auto walked = walk_json(body, kDeepestAlerts, reader); !walked) return fail(walked.error());
  return reader.take();
}

}  // namespace fieldmedic
