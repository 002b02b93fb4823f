// What is stored of the values that events hold. The names stand in journals already, see
// event_fields.hpp.
#pragma once

#include "remediator/core/alert.hpp"
#include "remediator/core/message.hpp"
#include "remediator/core/plan.hpp"
#include "remediator/core/playbook.hpp"
#include "remediator/core/target.hpp"
#include "remediator/journal/field_list.hpp"

namespace fieldmedic::journal {

template <>
struct Fields<core::AlertKey> {
  static constexpr std::tuple list{Field{"source", &core::AlertKey::source},
                                   Field{"fingerprint", &core::AlertKey::fingerprint},
                                   Field{"starts_at", &core::AlertKey::starts_at}};
};

template <>
struct Fields<core::Target> {
  static constexpr std::tuple list{
      Field{"kind", &core::Target::kind}, Field{"name", &core::Target::name},
      Field{"host", &core::Target::host}, Field{"group", &core::Target::group}};
};

template <>
struct Fields<core::Spec> {
  static constexpr std::tuple list{Field{"type", &core::Spec::type},
                                   JsonField{"arguments", &core::Spec::arguments}};
};

template <>
struct Fields<core::Approval> {
  static constexpr std::tuple list{Field{"from", &core::Approval::from},
                                   Field{"expires", &core::Approval::expires},
                                   Field{"at_expiry", &core::Approval::at_expiry}};
};

template <>
struct Fields<core::CheckSpec> {
  static constexpr std::tuple list{Field{"check", &core::CheckSpec::check},
                                   Field{"hold", &core::CheckSpec::hold}};
};

template <>
struct Fields<core::LeaseTerms> {
  static constexpr std::tuple list{Field{"length", &core::LeaseTerms::length},
                                   Field{"until", &core::LeaseTerms::until},
                                   Field{"interval", &core::LeaseTerms::interval},
                                   Field{"unattended", &core::LeaseTerms::unattended}};
};

template <>
struct Fields<core::Tier> {
  static constexpr std::tuple list{
      Field{"name", &core::Tier::name},       Field{"action", &core::Tier::action},
      Field{"timeout", &core::Tier::timeout}, LaterField{"approval", &core::Tier::approval},
      LaterField{"when", &core::Tier::when},  LaterField{"lease", &core::Tier::lease}};
};

template <>
struct Fields<core::Verification> {
  static constexpr std::tuple list{Field{"within", &core::Verification::within},
                                   Field{"interval", &core::Verification::interval},
                                   Field{"checks", &core::Verification::checks}};
};

template <>
struct Fields<core::Limits> {
  static constexpr std::tuple list{
      Field{"attempts", &core::Limits::attempts}, Field{"per", &core::Limits::per},
      Field{"cooldown", &core::Limits::cooldown}, Field{"patience", &core::Limits::patience}};
};

template <>
struct Fields<core::Relapse> {
  static constexpr std::tuple list{Field{"within", &core::Relapse::within},
                                   Field{"per_day", &core::Relapse::per_day}};
};

template <>
struct Fields<core::Playbook> {
  static constexpr std::tuple list{
      Field{"name", &core::Playbook::name},       Field{"tiers", &core::Playbook::tiers},
      Field{"verify", &core::Playbook::verify},   Field{"limits", &core::Playbook::limits},
      Field{"relapse", &core::Playbook::relapse}, Field{"receivers", &core::Playbook::receivers},
      Field{"mode", &core::Playbook::mode}};
};

template <>
struct Fields<core::Step> {
  static constexpr std::tuple list{
      Field{"name", &core::Step::name}, JsonField{"seen", &core::Step::seen},
      JsonField{"wanted", &core::Step::wanted}, Field{"confirmable", &core::Step::confirmable}};
};

template <>
struct Fields<core::LeaseClaim> {
  static constexpr std::tuple list{Field{"resource", &core::LeaseClaim::resource},
                                   Field{"when_away", &core::LeaseClaim::when_away},
                                   LaterField{"also", &core::LeaseClaim::also}};
};

template <>
struct Fields<core::Plan> {
  static constexpr std::tuple list{
      Field{"steps", &core::Plan::steps}, Field{"resources", &core::Plan::resources},
      Field{"summary", &core::Plan::summary}, LaterField{"lease", &core::Plan::lease}};
};

template <>
struct Fields<core::CheckAnswer> {
  static constexpr std::tuple list{Field{"verdict", &core::CheckAnswer::verdict},
                                   Field{"evidence", &core::CheckAnswer::evidence}};
};

template <>
struct Fields<core::Message> {
  static constexpr std::tuple list{Field{"kind", &core::Message::kind},
                                   Field{"title", &core::Message::title},
                                   Field{"fields", &core::Message::fields}};
};

}  // namespace fieldmedic::journal
