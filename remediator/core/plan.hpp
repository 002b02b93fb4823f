// What an action intends, written down before it is done (S1-S3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "remediator/core/playbook.hpp"
#include "remediator/core/target.hpp"
#include "remediator/core/time.hpp"

namespace fieldmedic::core {

using IncidentId = std::uint64_t;
using Epoch = std::uint64_t;

// "3f2a9c-17-2": journal, incident, attempt. [a-z0-9-], at most 64 bytes. Carried to whatever is
// changed, so that an attempt of ours can be looked up there after a crash.
using AttemptId = std::string;

// Whether confirm can tell if a step was made (S2).
enum class Confirmable {
  Yes,
  AtMostOnce,  // only its own exit tells: an outcome that was not seen stays unknown, and is never
               // repeated
};

[[nodiscard]] constexpr std::string_view to_string(Confirmable confirmable) {
  switch (confirmable) {
    case Confirmable::Yes: return "yes";
    case Confirmable::AtMostOnce: return "at_most_once";
  }
  return "invalid";
}

// One outside change (S2). Everything apply and confirm need is in here: after a crash nothing else
// is left.
struct Step {
  std::string name;    // "stop pid 4711", for people
  std::string seen;    // JSON object: what plan saw (pid, start time, invocation id …)
  std::string wanted;  // JSON object: the absolute state wanted
  Confirmable confirmable = Confirmable::Yes;

  friend bool operator==(const Step&, const Step&) = default;
};

// Who ends a temporary change while the remediator is away (S14).
enum class WhenAway {
  DeadMan,  // a timer on the far side
  Nobody,   // it stays until we are back
};

[[nodiscard]] constexpr std::string_view to_string(WhenAway when_away) {
  switch (when_away) {
    case WhenAway::DeadMan: return "dead_man";
    case WhenAway::Nobody: return "nobody";
  }
  return "invalid";
}

// That the change is temporary, and of what (S14).
struct LeaseClaim {
  std::string resource;  // one of the plan's resources: "host/sh-01/divert/var/spool/orders"
  WhenAway when_away = WhenAway::Nobody;
  // Of the plan's resources: while the lease lasts no other plan may touch them, nor what is above
  // or below them. None: what surrounds the change may be repaired under it.
  std::vector<std::string> also{};

  friend bool operator==(const LeaseClaim&, const LeaseClaim&) = default;
};

struct Plan {
  std::vector<Step> steps;             // applied in order; empty: there is nothing to do
  std::vector<std::string> resources;  // "host/sh-01/process/orders": every resource touched (S3);
                                       // one that is a path prefix of another overlaps it
  std::string summary;                 // one line for people: what will be done
  std::optional<LeaseClaim> lease{};   // the change is undone later; none: it stays

  friend bool operator==(const Plan&, const Plan&) = default;
};

// What apply reports.
enum class Applied {
  Done,          // the change was made
  Refused,       // nothing was changed, for a reason that is given (permission, no such program …)
  Unknown,       // it may or may not have been made (timeout, connection lost)
  WorldDiffers,  // nothing was changed: the world is not as the plan saw it
};

[[nodiscard]] constexpr std::string_view to_string(Applied applied) {
  switch (applied) {
    case Applied::Done: return "done";
    case Applied::Refused: return "refused";
    case Applied::Unknown: return "unknown";
    case Applied::WorldDiffers: return "world_differs";
  }
  return "invalid";
}

// What confirm answers (S1).
enum class Confirmed {
  Applied,     // the wanted state is there, and this attempt is over
  InProgress,  // this attempt still runs somewhere
  NotApplied,  // this attempt is proved over and the wanted state is not there
  Unknown,     // cannot be told
};

[[nodiscard]] constexpr std::string_view to_string(Confirmed confirmed) {
  switch (confirmed) {
    case Confirmed::Applied: return "applied";
    case Confirmed::InProgress: return "in_progress";
    case Confirmed::NotApplied: return "not_applied";
    case Confirmed::Unknown: return "unknown";
  }
  return "invalid";
}

// What a check answers. Unknown is never success, and never a reason to act.
enum class Verdict { Pass, Fail, Unknown };

[[nodiscard]] constexpr std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::Pass: return "pass";
    case Verdict::Fail: return "fail";
    case Verdict::Unknown: return "unknown";
  }
  return "invalid";
}

struct CheckAnswer {
  Verdict verdict = Verdict::Unknown;
  std::string evidence;  // one line: what was read, against what

  friend bool operator==(const CheckAnswer&, const CheckAnswer&) = default;
};

}  // namespace fieldmedic::core
