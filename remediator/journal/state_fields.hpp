// What a snapshot stores of the state. A change of what a field means needs a new version of
// snapshots (state_codec.cpp); an older one is then not read, and the events are.
#pragma once

#include "remediator/core/state.hpp"
#include "remediator/journal/event_fields.hpp"
#include "remediator/journal/field_list.hpp"

namespace fieldmedic::journal {

template <>
struct Fields<core::CheckState> {
  static constexpr std::tuple list{Field{"answer", &core::CheckState::answer},
                                   Field{"since", &core::CheckState::since}};
};

template <>
struct Fields<core::Attempt> {
  static constexpr std::tuple list{Field{"id", &core::Attempt::id},
                                   Field{"plan", &core::Attempt::plan},
                                   Field{"step", &core::Attempt::step},
                                   Field{"intended_in", &core::Attempt::intended_in},
                                   Field{"step_since", &core::Attempt::step_since},
                                   Field{"changed_world", &core::Attempt::changed_world},
                                   Field{"confirm", &core::Attempt::confirm}};
};

template <>
struct Fields<core::Asked> {
  static constexpr std::tuple list{
      Field{"hash", &core::Asked::hash}, Field{"what", &core::Asked::what},
      Field{"from", &core::Asked::from}, Field{"expires_at", &core::Asked::expires_at},
      Field{"at_expiry", &core::Asked::at_expiry}};
};

template <>
struct Fields<core::Granted> {
  static constexpr std::tuple list{Field{"hash", &core::Granted::hash},
                                   Field{"until", &core::Granted::until}};
};

// Its playbook is shared between incidents, so it is stored once.
template <>
struct Fields<core::Incident> {
  static constexpr std::tuple list{Field{"id", &core::Incident::id},
                                   Field{"target", &core::Incident::target},
                                   Elsewhere{&core::Incident::playbook},
                                   Field{"labels", &core::Incident::labels},
                                   Field{"alerts", &core::Incident::alerts},
                                   Field{"of_other_playbooks", &core::Incident::of_other_playbooks},
                                   Field{"relapse_of", &core::Incident::relapse_of},
                                   LaterField{"fault", &core::Incident::fault},
                                   LaterField{"adopted_by", &core::Incident::adopted_by},
                                   Field{"phase", &core::Incident::phase},
                                   Field{"round", &core::Incident::round},
                                   Field{"opened_at", &core::Incident::opened_at},
                                   Field{"phase_since", &core::Incident::phase_since},
                                   Field{"waiting_since", &core::Incident::waiting_since},
                                   Field{"tier", &core::Incident::tier},
                                   Field{"attempts", &core::Incident::attempts},
                                   Field{"plans_anew", &core::Incident::plans_anew},
                                   Field{"acted", &core::Incident::acted},
                                   Field{"checks", &core::Incident::checks},
                                   Field{"attempt", &core::Incident::attempt},
                                   Field{"asked", &core::Incident::asked},
                                   Field{"granted", &core::Incident::granted},
                                   Field{"wanted", &core::Incident::wanted},
                                   Field{"refused_by", &core::Incident::refused_by},
                                   Field{"reason", &core::Incident::reason}};
};

// Its playbook as that of an incident.
template <>
struct Fields<core::Lease> {
  static constexpr std::tuple list{Field{"id", &core::Lease::id},
                                   Field{"incident", &core::Lease::incident},
                                   Field{"target", &core::Lease::target},
                                   Elsewhere{&core::Lease::playbook},
                                   Field{"tier", &core::Lease::tier},
                                   Field{"labels", &core::Lease::labels},
                                   Field{"attempt", &core::Lease::attempt},
                                   Field{"plan", &core::Lease::plan},
                                   LaterField{"left", &core::Lease::left},
                                   Field{"taken_at", &core::Lease::taken_at},
                                   Field{"ends_at", &core::Lease::ends_at},
                                   Field{"phase", &core::Lease::phase},
                                   Field{"round", &core::Lease::round},
                                   Field{"phase_since", &core::Lease::phase_since},
                                   Field{"ending_since", &core::Lease::ending_since},
                                   Field{"tries", &core::Lease::tries},
                                   Field{"checks", &core::Lease::checks},
                                   Field{"undo", &core::Lease::undo},
                                   Field{"reason", &core::Lease::reason}};
};

template <>
struct Fields<core::AlertRecord> {
  static constexpr std::tuple list{Field{"incident", &core::AlertRecord::incident},
                                   Field{"status", &core::AlertRecord::status},
                                   Field{"ignored", &core::AlertRecord::ignored},
                                   Field{"persists", &core::AlertRecord::persists}};
};

template <>
struct Fields<core::TargetHistory> {
  static constexpr std::tuple list{Field{"attempts", &core::TargetHistory::attempts},
                                   Field{"relapses", &core::TargetHistory::relapses},
                                   Field{"last_change", &core::TargetHistory::last_change},
                                   Field{"last_incident", &core::TargetHistory::last_incident},
                                   Field{"last_end", &core::TargetHistory::last_end},
                                   Field{"last_tier", &core::TargetHistory::last_tier},
                                   Field{"last_acted", &core::TargetHistory::last_acted},
                                   Field{"unresolved", &core::TargetHistory::unresolved},
                                   Field{"last_playbook", &core::TargetHistory::last_playbook},
                                   LaterField{"closed", &core::TargetHistory::closed}};
};

template <>
struct Fields<core::BreakerState::Failure> {
  static constexpr std::tuple list{Field{"target", &core::BreakerState::Failure::target},
                                   Field{"at", &core::BreakerState::Failure::at}};
};

template <>
struct Fields<core::BreakerState> {
  static constexpr std::tuple list{Field{"failures", &core::BreakerState::failures},
                                   Field{"open", &core::BreakerState::open},
                                   Field{"why", &core::BreakerState::why}};
};

template <>
struct Fields<core::OutboxEntry> {
  static constexpr std::tuple list{Field{"queued", &core::OutboxEntry::queued},
                                   Field{"tries", &core::OutboxEntry::tries},
                                   Field{"not_before", &core::OutboxEntry::not_before},
                                   Field{"since", &core::OutboxEntry::since}};
};

}  // namespace fieldmedic::journal
