// What of each event is stored, and under which name. A name written here is in journals already:
// never rename one, never change what it means without a new version (S18).
#pragma once

#include "remediator/core/event.hpp"
#include "remediator/journal/brake_event_fields.hpp"
#include "remediator/journal/field_list.hpp"
#include "remediator/journal/lease_event_fields.hpp"
#include "remediator/journal/value_fields.hpp"

namespace fieldmedic::journal {

// What stands in front of every event's own fields.
struct Envelope {
  int version = 0;
  core::Time at;
};

template <>
struct Fields<Envelope> {
  static constexpr std::tuple list{Field{"v", &Envelope::version}, Field{"at", &Envelope::at}};
};

template <>
struct Fields<core::Started> {
  static constexpr std::tuple list{
      Field{"epoch", &core::Started::epoch}, Field{"journal_id", &core::Started::journal_id},
      Field{"boot_id", &core::Started::boot_id}, Field{"version", &core::Started::version}};
};

template <>
struct Fields<core::AlertReceived> {
  static constexpr std::tuple list{Field{"incident", &core::AlertReceived::incident},
                                   Field{"key", &core::AlertReceived::key},
                                   Field{"status", &core::AlertReceived::status},
                                   Field{"playbook", &core::AlertReceived::playbook},
                                   LaterField{"name", &core::AlertReceived::name}};
};

template <>
struct Fields<core::AlertPersists> {
  static constexpr std::tuple list{Field{"incident", &core::AlertPersists::incident},
                                   Field{"key", &core::AlertPersists::key}};
};

template <>
struct Fields<core::AlertIgnored> {
  static constexpr std::tuple list{
      Field{"key", &core::AlertIgnored::key}, Field{"status", &core::AlertIgnored::status},
      Field{"reason", &core::AlertIgnored::reason}, Field{"why", &core::AlertIgnored::why},
      Field{"labels", &core::AlertIgnored::labels}};
};

template <>
struct Fields<core::IntakeLost> {
  static constexpr std::tuple list{Field{"why", &core::IntakeLost::why}};
};

template <>
struct Fields<core::Reconciled> {
  static constexpr std::tuple list{Field{"alerts", &core::Reconciled::alerts}};
};

template <>
struct Fields<core::IncidentOpened> {
  static constexpr std::tuple list{Field{"incident", &core::IncidentOpened::incident},
                                   Field{"target", &core::IncidentOpened::target},
                                   Field{"playbook", &core::IncidentOpened::playbook},
                                   Field{"labels", &core::IncidentOpened::labels},
                                   Field{"relapse_of", &core::IncidentOpened::relapse_of},
                                   Field{"first_tier", &core::IncidentOpened::first_tier},
                                   LaterField{"fault", &core::IncidentOpened::fault},
                                   LaterField{"why", &core::IncidentOpened::why}};
};

template <>
struct Fields<core::DiagnosisStarted> {
  static constexpr std::tuple list{Field{"incident", &core::DiagnosisStarted::incident},
                                   Field{"reason", &core::DiagnosisStarted::reason}};
};

template <>
struct Fields<core::ChecksAnswered> {
  static constexpr std::tuple list{Field{"incident", &core::ChecksAnswered::incident},
                                   Field{"answers", &core::ChecksAnswered::answers}};
};

template <>
struct Fields<core::PlanRequested> {
  static constexpr std::tuple list{Field{"incident", &core::PlanRequested::incident},
                                   Field{"attempt", &core::PlanRequested::attempt},
                                   Field{"tier", &core::PlanRequested::tier}};
};

template <>
struct Fields<core::PlanMade> {
  static constexpr std::tuple list{Field{"incident", &core::PlanMade::incident},
                                   Field{"attempt", &core::PlanMade::attempt},
                                   Field{"plan", &core::PlanMade::plan}};
};

template <>
struct Fields<core::GuardRefused> {
  static constexpr std::tuple list{Field{"incident", &core::GuardRefused::incident},
                                   Field{"guard", &core::GuardRefused::guard},
                                   Field{"reason", &core::GuardRefused::reason},
                                   Field{"retry_at", &core::GuardRefused::retry_at}};
};

template <>
struct Fields<core::ApplyIntended> {
  static constexpr std::tuple list{
      Field{"incident", &core::ApplyIntended::incident},
      Field{"attempt", &core::ApplyIntended::attempt}, Field{"step", &core::ApplyIntended::step},
      Field{"action", &core::ApplyIntended::action}, Field{"what", &core::ApplyIntended::what}};
};

template <>
struct Fields<core::ApplyFinished> {
  static constexpr std::tuple list{Field{"incident", &core::ApplyFinished::incident},
                                   Field{"attempt", &core::ApplyFinished::attempt},
                                   Field{"step", &core::ApplyFinished::step},
                                   Field{"action", &core::ApplyFinished::action},
                                   Field{"outcome", &core::ApplyFinished::outcome},
                                   Field{"evidence", &core::ApplyFinished::evidence}};
};

template <>
struct Fields<core::ConfirmAnswered> {
  static constexpr std::tuple list{Field{"incident", &core::ConfirmAnswered::incident},
                                   Field{"attempt", &core::ConfirmAnswered::attempt},
                                   Field{"step", &core::ConfirmAnswered::step},
                                   Field{"answer", &core::ConfirmAnswered::answer},
                                   Field{"evidence", &core::ConfirmAnswered::evidence},
                                   LaterField{"left", &core::ConfirmAnswered::left}};
};

template <>
struct Fields<core::VerificationStarted> {
  static constexpr std::tuple list{Field{"incident", &core::VerificationStarted::incident},
                                   Field{"attempt", &core::VerificationStarted::attempt}};
};

template <>
struct Fields<core::TierFailed> {
  static constexpr std::tuple list{Field{"incident", &core::TierFailed::incident},
                                   Field{"tier", &core::TierFailed::tier},
                                   Field{"reason", &core::TierFailed::reason}};
};

template <>
struct Fields<core::TierSkipped> {
  static constexpr std::tuple list{
      Field{"incident", &core::TierSkipped::incident}, Field{"tier", &core::TierSkipped::tier},
      Field{"holds", &core::TierSkipped::holds}, Field{"reason", &core::TierSkipped::reason}};
};

template <>
struct Fields<core::IncidentAdopted> {
  static constexpr std::tuple list{Field{"incident", &core::IncidentAdopted::incident},
                                   Field{"by", &core::IncidentAdopted::by},
                                   Field{"reason", &core::IncidentAdopted::reason}};
};

template <>
struct Fields<core::StaleResult> {
  static constexpr std::tuple list{Field{"incident", &core::StaleResult::incident},
                                   Field{"attempt", &core::StaleResult::attempt},
                                   Field{"what", &core::StaleResult::what}};
};

template <>
struct Fields<core::Recovered> {
  static constexpr std::tuple list{Field{"incident", &core::Recovered::incident},
                                   Field{"reason", &core::Recovered::reason}};
};

template <>
struct Fields<core::HandedOver> {
  static constexpr std::tuple list{Field{"incident", &core::HandedOver::incident},
                                   Field{"reason", &core::HandedOver::reason}};
};

template <>
struct Fields<core::Cancelled> {
  static constexpr std::tuple list{Field{"incident", &core::Cancelled::incident},
                                   Field{"reason", &core::Cancelled::reason}};
};

template <>
struct Fields<core::MessageQueued> {
  static constexpr std::tuple list{Field{"id", &core::MessageQueued::id},
                                   Field{"incident", &core::MessageQueued::incident},
                                   Field{"receiver", &core::MessageQueued::receiver},
                                   Field{"channel", &core::MessageQueued::channel},
                                   Field{"channels_after", &core::MessageQueued::channels_after},
                                   Field{"message", &core::MessageQueued::message}};
};

template <>
struct Fields<core::MessageDelivered> {
  static constexpr std::tuple list{Field{"id", &core::MessageDelivered::id},
                                   Field{"incident", &core::MessageDelivered::incident},
                                   Field{"channel", &core::MessageDelivered::channel},
                                   Field{"detail", &core::MessageDelivered::detail}};
};

template <>
struct Fields<core::MessageDeferred> {
  static constexpr std::tuple list{Field{"id", &core::MessageDeferred::id},
                                   Field{"incident", &core::MessageDeferred::incident},
                                   Field{"channel", &core::MessageDeferred::channel},
                                   Field{"retry_at", &core::MessageDeferred::retry_at},
                                   Field{"detail", &core::MessageDeferred::detail}};
};

template <>
struct Fields<core::TimeLost> {
  static constexpr std::tuple list{Field{"by", &core::TimeLost::by}};
};

template <>
struct Fields<core::WatchdogLost> {
  static constexpr std::tuple list{Field{"within", &core::WatchdogLost::within}};
};

template <>
struct Fields<core::WatchdogReturned> {
  static constexpr std::tuple<> list{};
};

template <>
struct Fields<core::MessageDropped> {
  static constexpr std::tuple list{Field{"id", &core::MessageDropped::id},
                                   Field{"incident", &core::MessageDropped::incident},
                                   Field{"channel", &core::MessageDropped::channel},
                                   Field{"detail", &core::MessageDropped::detail}};
};

}  // namespace fieldmedic::journal
