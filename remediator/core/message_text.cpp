#include "remediator/core/message_text.hpp"

namespace fieldmedic::core {
namespace {

std::string title_of(const Incident& incident, MessageKind kind) {
  std::string target = key_of(incident.target);
  switch (kind) {
    case MessageKind::Recovered: return "Recovered: " + target;
    case MessageKind::HandedOver: return "Needs a person: " + target;
    case MessageKind::Cancelled: return "Well again by itself: " + target;
    case MessageKind::SelfAlert: return "Fieldmedic: " + target;
    case MessageKind::WideFault: return "One fault of many: " + target;
    case MessageKind::ApprovalWanted: return "May this be done: " + target;
  }
  return target;
}

std::string alert_names(const Incident& incident) {
  std::string text(incident.labels.find("alertname").value_or("?"));
  if (incident.alerts.size() > 1)
    text += " and " + std::to_string(incident.alerts.size() - 1) + " more";
  return text;
}

}  // namespace

Message message_about(const Incident& ended, MessageKind kind) {
  Message message{kind, title_of(ended, kind), {}};
  const auto seconds =
      std::chrono::round<std::chrono::seconds>(ended.phase_since - ended.opened_at).count();
  message.fields = {
      {"incident", std::to_string(ended.id)},
      {"target", key_of(ended.target)},
      {"group", ended.target.group},
      {"alert", alert_names(ended)},
      {"playbook", ended.playbook->name},
      {"outcome", ended.reason},
      {"after", std::to_string(seconds) + " s"},
  };
  if (ended.asked) message.fields.emplace_back("hash", ended.asked->hash);
  if (ended.relapse_of != 0)
    message.fields.emplace_back("relapse of", "incident " + std::to_string(ended.relapse_of));
  return message;
}

}  // namespace fieldmedic::core
