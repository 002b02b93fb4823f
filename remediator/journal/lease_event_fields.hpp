// What of temporary changes is stored. Part of event_fields.hpp; the names stand in journals
// already.
#pragma once

#include "remediator/core/lease_event.hpp"
#include "remediator/journal/field_list.hpp"

namespace fieldmedic::journal {

template <>
struct Fields<core::LeaseTaken> {
  static constexpr std::tuple list{
      Field{"incident", &core::LeaseTaken::incident}, Field{"lease", &core::LeaseTaken::lease},
      Field{"attempt", &core::LeaseTaken::attempt}, Field{"resource", &core::LeaseTaken::resource},
      Field{"ends_at", &core::LeaseTaken::ends_at}};
};

template <>
struct Fields<core::LeaseVoided> {
  static constexpr std::tuple list{Field{"incident", &core::LeaseVoided::incident},
                                   Field{"lease", &core::LeaseVoided::lease},
                                   Field{"reason", &core::LeaseVoided::reason}};
};

template <>
struct Fields<core::LeaseLooked> {
  static constexpr std::tuple list{Field{"incident", &core::LeaseLooked::incident},
                                   Field{"lease", &core::LeaseLooked::lease},
                                   Field{"answers", &core::LeaseLooked::answers}};
};

template <>
struct Fields<core::LeaseEnded> {
  static constexpr std::tuple list{
      Field{"incident", &core::LeaseEnded::incident}, Field{"lease", &core::LeaseEnded::lease},
      Field{"how", &core::LeaseEnded::how}, Field{"reason", &core::LeaseEnded::reason}};
};

template <>
struct Fields<core::UndoRequested> {
  static constexpr std::tuple list{Field{"incident", &core::UndoRequested::incident},
                                   Field{"lease", &core::UndoRequested::lease},
                                   Field{"attempt", &core::UndoRequested::attempt}};
};

template <>
struct Fields<core::UndoPlanned> {
  static constexpr std::tuple list{
      Field{"incident", &core::UndoPlanned::incident}, Field{"lease", &core::UndoPlanned::lease},
      Field{"attempt", &core::UndoPlanned::attempt}, Field{"plan", &core::UndoPlanned::plan}};
};

template <>
struct Fields<core::UndoDeferred> {
  static constexpr std::tuple list{Field{"incident", &core::UndoDeferred::incident},
                                   Field{"lease", &core::UndoDeferred::lease},
                                   Field{"reason", &core::UndoDeferred::reason}};
};

template <>
struct Fields<core::UndoIntended> {
  static constexpr std::tuple list{
      Field{"incident", &core::UndoIntended::incident}, Field{"lease", &core::UndoIntended::lease},
      Field{"attempt", &core::UndoIntended::attempt}, Field{"step", &core::UndoIntended::step},
      Field{"what", &core::UndoIntended::what}};
};

template <>
struct Fields<core::UndoApplied> {
  static constexpr std::tuple list{Field{"incident", &core::UndoApplied::incident},
                                   Field{"lease", &core::UndoApplied::lease},
                                   Field{"attempt", &core::UndoApplied::attempt},
                                   Field{"step", &core::UndoApplied::step},
                                   Field{"outcome", &core::UndoApplied::outcome},
                                   Field{"evidence", &core::UndoApplied::evidence}};
};

template <>
struct Fields<core::UndoConfirmed> {
  static constexpr std::tuple list{Field{"incident", &core::UndoConfirmed::incident},
                                   Field{"lease", &core::UndoConfirmed::lease},
                                   Field{"attempt", &core::UndoConfirmed::attempt},
                                   Field{"step", &core::UndoConfirmed::step},
                                   Field{"answer", &core::UndoConfirmed::answer},
                                   Field{"evidence", &core::UndoConfirmed::evidence}};
};

template <>
struct Fields<core::Undone> {
  static constexpr std::tuple list{
      Field{"incident", &core::Undone::incident}, Field{"lease", &core::Undone::lease},
      Field{"action", &core::Undone::action}, Field{"reason", &core::Undone::reason}};
};

template <>
struct Fields<core::UndoFailed> {
  static constexpr std::tuple list{
      Field{"incident", &core::UndoFailed::incident}, Field{"lease", &core::UndoFailed::lease},
      Field{"action", &core::UndoFailed::action}, Field{"reason", &core::UndoFailed::reason},
      Field{"known", &core::UndoFailed::known}};
};

template <>
struct Fields<core::LeaseHandedOver> {
  static constexpr std::tuple list{Field{"incident", &core::LeaseHandedOver::incident},
                                   Field{"lease", &core::LeaseHandedOver::lease},
                                   Field{"action", &core::LeaseHandedOver::action},
                                   Field{"reason", &core::LeaseHandedOver::reason}};
};

template <>
struct Fields<core::LeaseSettled> {
  static constexpr std::tuple list{Field{"incident", &core::LeaseSettled::incident},
                                   Field{"lease", &core::LeaseSettled::lease},
                                   Field{"reason", &core::LeaseSettled::reason}};
};

}  // namespace fieldmedic::journal
