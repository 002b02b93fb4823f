#include "remediator/core/held.hpp"

#include <algorithm>

namespace fieldmedic::core {

bool same_verdicts(const std::vector<CheckState>& before, const std::vector<CheckAnswer>& now) {
  return std::ranges::equal(before, now, [](const CheckState& a, const CheckAnswer& b) {
    return a.answer.verdict == b.verdict;
  });
}

std::optional<Time> held_at(const std::vector<CheckState>& states,
                            const std::vector<CheckSpec>& specs) {
  if (states.size() != specs.size()) return std::nullopt;
  Time held{};
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (states[i].answer.verdict != Verdict::Pass) return std::nullopt;
    held = std::max(held, states[i].since + specs[i].hold);
  }
  return held;
}

}  // namespace fieldmedic::core
