// All that the remediator remembers: a fold over the journal's events, nothing else.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "remediator/core/event.hpp"
#include "remediator/core/incident.hpp"
#include "remediator/core/lease.hpp"
#include "remediator/core/related.hpp"
#include "remediator/core/under_repair.hpp"

namespace fieldmedic::core {

// What became of one occurrence of an alert.
struct AlertRecord {
  IncidentId incident = 0;  // 0: it opened nothing
  AlertStatus status = AlertStatus::Firing;
  std::optional<IgnoreReason> ignored;
  bool persists = false;  // people know that it fires on

  friend bool operator==(const AlertRecord&, const AlertRecord&) = default;
};

// What happened on one target over all its incidents (S5, S10).
struct TargetHistory {
  std::deque<Time> attempts;  // intents, oldest first
  std::deque<Time> relapses;
  std::optional<Time> last_change;  // the end of the last attempt that changed something
  IncidentId last_incident = 0;     // that did something, or relapsed from one that did
  Time last_end;
  std::uint32_t last_tier = 0;  // where its ladder stood
  bool last_acted = false;      // there was one
  bool unresolved = false;      // what its last attempt did is not known
  std::string last_playbook;    // whose ladder that was
  Time closed{};                // of a group: the end of its last incident

  friend bool operator==(const TargetHistory&, const TargetHistory&) = default;
};

// S11: what went wrong in one scope, and whether repairs are held back there.
struct BreakerState {
  struct Failure {
    std::string target;  // its key
    Time at;
    friend bool operator==(const Failure&, const Failure&) = default;
  };
  std::deque<Failure> failures;  // oldest first; verifications that failed
  bool open = false;
  std::string why;

  friend bool operator==(const BreakerState&, const BreakerState&) = default;
};

struct OutboxEntry {
  MessageQueued queued;
  std::uint32_t tries = 0;  // deferred so often
  Time not_before;
  Time since;  // when it was queued

  friend bool operator==(const OutboxEntry&, const OutboxEntry&) = default;
};

// How many ended things are kept in memory; the journal has all of them.
inline constexpr std::size_t kEndedKept = 1000;
inline constexpr std::size_t kAlertsKept = 200'000;
inline constexpr std::size_t kAttemptsKept = 1000;
inline constexpr std::size_t kFailuresKept = 256;
inline constexpr std::size_t kPausesMost = 1000;
inline constexpr std::size_t kLeasesMost = 1000;
inline constexpr std::size_t kOutboxMost = 10'000;

// Written by fold() only. Not thread-safe: the engine's thread owns it.
struct State {
  Epoch epoch = 0;
  std::string journal_id;
  Time last;  // logical time of the last event
  IncidentId last_incident = 0;
  MessageId last_message = 0;

  std::map<IncidentId, Incident> open;
  std::map<std::string, IncidentId, std::less<>> open_by_target;  // by key_of(target)
  UnderRepair under_repair;                                       // of `open`, what is in flight
  std::map<IncidentId, Lease> leases;  // of temporary changes that are not undone
  Related related;                     // of `open`, by group and owner
  std::map<AlertKey, AlertRecord> alerts;
  std::deque<AlertKey> alerts_in_order;  // oldest first, for the bound
  std::map<std::string, TargetHistory, std::less<>> targets;
  std::map<MessageId, OutboxEntry> outbox;
  std::deque<Incident> ended;  // the last ones, oldest first
  std::map<std::string, std::shared_ptr<const Playbook>, std::less<>>
      pinned;                     // the last one of each name
  bool reconcile_wanted = false;  // content was lost and not asked back yet
  std::uint64_t losses = 0;       // how often content was lost
  std::map<std::string, std::string, std::less<>> paused;     // scope -> by whom and why
  std::map<std::string, BreakerState, std::less<>> breakers;  // by scope
  bool watchdog_lost = false;  // people know that the Watchdog alert stopped coming

  // Null when there is no open incident with this id.
  [[nodiscard]] const Incident* find(IncidentId id) const {
    const auto found = open.find(id);
    return found == open.end() ? nullptr : &found->second;
  }
  // Null when there is no such lease.
  [[nodiscard]] const Lease* find_lease(IncidentId id) const {
    const auto found = leases.find(id);
    return found == leases.end() ? nullptr : &found->second;
  }
};

// By content. Playbooks behind pointers are compared as values.
[[nodiscard]] bool operator==(const State& a, const State& b);

}  // namespace fieldmedic::core
