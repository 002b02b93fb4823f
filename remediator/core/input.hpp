// Everything that can happen to the engine from outside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/result.hpp"
#include "remediator/core/alert.hpp"
#include "remediator/core/group_health.hpp"
#include "remediator/core/message.hpp"
#include "remediator/core/plan.hpp"
#include "remediator/core/role.hpp"

namespace fieldmedic::core {

struct AlertBatch {
  std::vector<RoutedAlert> alerts;
  std::string lost;       // not empty: content is missing, and why
  bool watchdog = false;  // the Watchdog alert was among them
};

// The engine has replayed its journal and recorded Started: what was under way is taken up again.
struct Resume {};

struct Planned {
  IncidentId incident = 0;
  AttemptId attempt;
  Result<Plan> plan;
  std::string hash;                             // of what the plan wants, for an approval (S4)
  std::optional<Result<GroupHealth>> health{};  // none: it was not asked
};

struct ApplyDone {
  IncidentId incident = 0;
  AttemptId attempt;
  std::uint32_t step = 0;
  Applied outcome = Applied::Unknown;
  std::string evidence;
};

struct ConfirmDone {
  IncidentId incident = 0;
  AttemptId attempt;
  std::uint32_t step = 0;
  Confirmed answer = Confirmed::Unknown;
  std::string evidence;
  std::string left = {};  // as in ConfirmAnswered
};

struct ChecksDone {
  IncidentId incident = 0;
  std::uint64_t round = 0;
  std::vector<CheckAnswer> answers;
};

struct DeliveryDone {
  MessageId id = 0;
  std::string channel;  // its name in the table
  Delivery outcome = Delivery::Retry;
  Duration retry_after{0};
  std::string detail;
};

// How often lost alerts are asked back of an Alertmanager of which a part does not answer, before
// people are told: some minutes.
inline constexpr std::uint32_t kPartialTries = 8;

// What fires, by Alertmanager.
struct AskedBack {
  std::vector<RoutedAlert> alerts;
  std::string missing{};  // what of it did not answer, and why; empty: all of it did
};

struct ReconcileDone {
  std::uint32_t tries = 0;
  std::uint64_t losses = 0;
  Result<AskedBack> asked;
};

// What Alertmanager has, for an incident that waits for the end of its alerts.
struct AlertsAsked {
  IncidentId incident = 0;
  std::uint64_t round = 0;
  Result<std::vector<AlertKey>> existing;
};

// A time that an incident waited for has come. Of an older round: nothing.
struct Timer {
  IncidentId incident = 0;
  std::uint64_t round = 0;
};

// The machine slept for so long.
struct Slept {
  Duration by{0};
};

// No Watchdog came since ExpectWatchdog was released.
struct WatchdogMissed {};

// What people order. Each gets one verdict. `by` is a user's name.
struct Approve {
  IncidentId incident = 0;
  std::string hash;
  std::string by;
  Role role = Role::Viewer;
};

struct CancelIncident {
  IncidentId incident = 0;
  std::string by;
  std::string reason;
};

struct Pause {
  std::string scope;
  std::string by;
  std::string reason;
};

struct Unpause {
  std::string scope;
  std::string by;
  std::string reason;
};

struct CloseBreaker {
  std::string scope;
  std::string by;
  std::string reason;
};

// What a person wants of a temporary change.
enum class LeaseOrder {
  Undo,    // now
  Settle,  // nothing: it was undone by hand, or is meant to stay
};

struct EndLease {
  IncidentId lease = 0;
  LeaseOrder order = LeaseOrder::Undo;
  std::string by;
  std::string reason;
};

using Input = std::variant<AlertBatch, Resume, Planned, ApplyDone, ConfirmDone, ChecksDone,
                           DeliveryDone, ReconcileDone, AlertsAsked, Timer, Slept, WatchdogMissed,
                           Approve, CancelIncident, Pause, Unpause, CloseBreaker, EndLease>;

}  // namespace fieldmedic::core
