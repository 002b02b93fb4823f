#include "remediator/core/decide.hpp"

#include <algorithm>

#include "remediator/core/deciding.hpp"
#include "remediator/core/fold.hpp"

namespace fieldmedic::core {

Decision decide(const Policy& policy, State& state, const Input& input, Time now) {
  Deciding deciding(policy, state, std::max(now, state.last));
  std::visit([&](const auto& one) { deciding.on(one); }, input);
  return deciding.take();
}

void Deciding::emit(Payload payload) {
  decision_.events.push_back(Event{now_, std::move(payload)});
  fold(state_, decision_.events.back());
}

void Deciding::release(What what, Time not_before) {
  decision_.effects.push_back(Effect{std::move(what), not_before});
}

void Deciding::wake_at(const Incident& incident, Time time) {
  release(Wake{incident.id, incident.round}, time);
}

void Deciding::recover(IncidentId id, const std::string& reason) {
  emit(Recovered{id, reason});
  tell(state_.ended.back(), MessageKind::Recovered);
  release_adopted(id, "recovered");
}

void Deciding::hand_over(IncidentId id, const std::string& reason) {
  if (find(id) == nullptr) return;
  emit(HandedOver{id, reason});
  tell(state_.ended.back(), MessageKind::HandedOver);
  release_adopted(id, "was handed over to a person");
}

void Deciding::cancel(IncidentId id, const std::string& reason) {
  emit(Cancelled{id, reason});
  release_adopted(id, "was cancelled");
}

}  // namespace fieldmedic::core
