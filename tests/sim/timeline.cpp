#include "tests/sim/timeline.hpp"

namespace fieldmedic::core::sim {
namespace {

std::string details(const Payload& payload) {
  return std::visit(
      [](const auto& e) {
        std::string text;
        if constexpr (requires { e.target; }) text += " " + key_of(e.target);
        if constexpr (requires { e.key.fingerprint; }) text += " " + e.key.fingerprint;
        if constexpr (requires { to_string(e.status); })
          text += " " + std::string(to_string(e.status));
        if constexpr (requires { e.attempt.size(); }) text += " " + e.attempt;
        if constexpr (requires { e.step; }) text += " step " + std::to_string(e.step);
        if constexpr (requires { to_string(e.outcome); })
          text += " " + std::string(to_string(e.outcome));
        if constexpr (requires { to_string(e.answer); })
          text += " " + std::string(to_string(e.answer));
        if constexpr (requires { e.answers; })
          for (const CheckAnswer& answer : e.answers)
            text += " " + std::string(to_string(answer.verdict));
        if constexpr (requires { e.guard; }) text += " " + e.guard;
        if constexpr (requires { e.scope; }) text += " " + e.scope;
        if constexpr (requires { e.hash; }) text += " " + e.hash;
        if constexpr (requires { e.message.title; }) text += " \"" + e.message.title + "\"";
        if constexpr (requires { e.reason.size(); }) text += ": " + e.reason;
        return text;
      },
      payload);
}

}  // namespace

std::vector<std::string> timeline(const std::vector<Event>& journal) {
  std::vector<std::string> lines;
  for (const Event& event : journal) {
    const auto since = (event.at - journal.front().at).count();
    std::string line = "+" + std::to_string(since / 1000) + "." +
                       std::to_string(since % 1000 + 1000).substr(1) + " s";
    if (const IncidentId id = incident_of(event.payload); id != 0)
      line += " #" + std::to_string(id);
    lines.push_back(line + " " + std::string(name_of(event.payload)) + details(event.payload));
  }
  return lines;
}

}  // namespace fieldmedic::core::sim
