// An alert as received, and what the policy made of it.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "remediator/core/playbook.hpp"
#include "remediator/core/target.hpp"
#include "remediator/core/time.hpp"

namespace fieldmedic::core {

using LabelMap = std::map<std::string, std::string, std::less<>>;

// One occurrence of one alert (S5). Alertmanager's fingerprint names the series; startsAt the
// occurrence.
struct AlertKey {
  std::string source;
  std::string fingerprint;
  Time starts_at;

  friend auto operator<=>(const AlertKey&, const AlertKey&) = default;
};

enum class AlertStatus { Firing, Resolved };

[[nodiscard]] constexpr std::string_view to_string(AlertStatus status) {
  switch (status) {
    case AlertStatus::Firing: return "firing";
    case AlertStatus::Resolved: return "resolved";
  }
  return "invalid";
}

struct Alert {
  AlertKey key;
  AlertStatus status = AlertStatus::Firing;
  LabelMap labels;
  LabelMap annotations;
};

// Why an alert opens nothing.
enum class IgnoreReason {
  NoPlaybook,       // no playbook matches it
  BadTarget,        // its labels name no valid target, or one that the inventory does not know
  AlreadyUsed,      // this occurrence was dealt with by an incident that has ended
  UnknownResolved,  // resolved, and no open incident knows it
  Poison,           // it cannot be used: set aside, without harm to the others of its message
};

[[nodiscard]] constexpr std::string_view to_string(IgnoreReason reason) {
  switch (reason) {
    case IgnoreReason::NoPlaybook: return "no_playbook";
    case IgnoreReason::BadTarget: return "bad_target";
    case IgnoreReason::AlreadyUsed: return "already_used";
    case IgnoreReason::Poison: return "poison";
    case IgnoreReason::UnknownResolved: return "unknown_resolved";
  }
  return "invalid";
}

// An alert with the policy's answer: a playbook and a target, or the reason why neither.
struct RoutedAlert {
  Alert alert;
  std::shared_ptr<const Playbook> playbook;  // null: ignored
  Target target;                             // valid when playbook is set
  IgnoreReason ignored = IgnoreReason::NoPlaybook;
  std::string why;  // for people, when ignored
};

}  // namespace fieldmedic::core
