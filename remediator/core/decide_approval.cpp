// A tier that wants a person's word (S4): bound to what would be done, used once, and it expires.
#include "remediator/core/deciding.hpp"

namespace fieldmedic::core {
namespace {

std::string in_words(AtExpiry at_expiry) {
  switch (at_expiry) {
    case AtExpiry::HandOver: return "a person goes on";
    case AtExpiry::NextTier: return "the next remedy is tried";
    case AtExpiry::Proceed: return "it is done";
  }
  return {};
}

}  // namespace

// Whether the plan with this hash may be applied without asking (again).
bool Deciding::is_approved(const Incident& incident, const std::string& hash) const {
  if (!incident.current_tier().approval) return true;
  return incident.granted && incident.granted->hash == hash && now_ < incident.granted->until;
}

void Deciding::ask_approval(IncidentId id, const std::string& hash) {
  const Incident& incident = *find(id);
  const Approval approval = *incident.current_tier().approval;
  emit(ApprovalRequested{id, incident.attempt->id, hash, incident.attempt->plan.summary,
                         approval.from, now_ + approval.expires, approval.at_expiry});
  Incident asked = *find(id);
  asked.reason = "may this be done: " + asked.asked->what + "? Without a word by its end, " +
                 in_words(approval.at_expiry);
  tell(asked, MessageKind::ApprovalWanted);
  wake_at(*find(id), now_ + approval.expires);
}

void Deciding::on(const Approve& input) {
  const Incident* incident = find(input.incident);
  if (incident == nullptr)
    return answer(fail(Errc::NotFound, "no open incident " + std::to_string(input.incident)));
  if (!incident->asked || now_ >= incident->asked->expires_at)
    return answer(fail(Errc::Conflict, "the incident waits for no approval"));
  if (incident->asked->hash != input.hash)
    return answer(
        fail(Errc::Conflict, "it would do something else by now: " + incident->asked->what +
                                 ", hash " + incident->asked->hash));
  if (input.role < incident->asked->from)
    return answer(fail(Errc::Denied, "this approval takes the role " +
                                         std::string(to_string(incident->asked->from))));
  approve(input.incident, input.hash, input.by);
  answer({});
}

// What was planned is old by now: it is looked at and planned again, and done if that is the same.
void Deciding::approve(IncidentId id, const std::string& hash, const std::string& by) {
  const Duration valid = find(id)->current_tier().approval->expires;
  emit(Approved{id, hash, by, now_ + valid});
  diagnose(id, "approved by " + by);
}

// Nobody said a word.
void Deciding::approval_expired(const Incident& incident) {
  const IncidentId id = incident.id;
  if (now_ < incident.asked->expires_at) return wake_at(incident, incident.asked->expires_at);
  const AtExpiry at_expiry = incident.asked->at_expiry;
  const std::string hash = incident.asked->hash;
  const std::string what = incident.asked->what;
  emit(ApprovalExpired{id, hash, at_expiry});
  switch (at_expiry) {
    case AtExpiry::HandOver: return hand_over(id, "nobody approved in time: " + what);
    case AtExpiry::NextTier: return fail_tier(id, "nobody approved in time: " + what);
    case AtExpiry::Proceed: return approve(id, hash, "the playbook, since nobody objected in time");
  }
}

}  // namespace fieldmedic::core
