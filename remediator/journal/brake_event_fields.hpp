// What of approvals, pauses and breakers is stored. Part of event_fields.hpp; the names stand in
// journals already.
#pragma once

#include "remediator/core/brake_event.hpp"
#include "remediator/journal/field_list.hpp"

namespace fieldmedic::journal {

template <>
struct Fields<core::ApprovalRequested> {
  static constexpr std::tuple list{Field{"incident", &core::ApprovalRequested::incident},
                                   Field{"attempt", &core::ApprovalRequested::attempt},
                                   Field{"hash", &core::ApprovalRequested::hash},
                                   Field{"what", &core::ApprovalRequested::what},
                                   Field{"from", &core::ApprovalRequested::from},
                                   Field{"expires_at", &core::ApprovalRequested::expires_at},
                                   Field{"at_expiry", &core::ApprovalRequested::at_expiry}};
};

template <>
struct Fields<core::Approved> {
  static constexpr std::tuple list{
      Field{"incident", &core::Approved::incident}, Field{"hash", &core::Approved::hash},
      Field{"by", &core::Approved::by}, Field{"until", &core::Approved::until}};
};

template <>
struct Fields<core::ApprovalExpired> {
  static constexpr std::tuple list{Field{"incident", &core::ApprovalExpired::incident},
                                   Field{"hash", &core::ApprovalExpired::hash},
                                   Field{"at_expiry", &core::ApprovalExpired::at_expiry}};
};

template <>
struct Fields<core::Paused> {
  static constexpr std::tuple list{Field{"scope", &core::Paused::scope},
                                   Field{"why", &core::Paused::why}};
};

template <>
struct Fields<core::Unpaused> {
  static constexpr std::tuple list{Field{"scope", &core::Unpaused::scope},
                                   Field{"why", &core::Unpaused::why}};
};

template <>
struct Fields<core::BreakerOpened> {
  static constexpr std::tuple list{Field{"scope", &core::BreakerOpened::scope},
                                   Field{"why", &core::BreakerOpened::why}};
};

template <>
struct Fields<core::BreakerClosed> {
  static constexpr std::tuple list{Field{"scope", &core::BreakerClosed::scope},
                                   Field{"why", &core::BreakerClosed::why}};
};

}  // namespace fieldmedic::journal
