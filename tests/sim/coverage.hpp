// What a run reached: a count for each thing that can happen, zero for those that never did.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "remediator/core/effect.hpp"
#include "remediator/core/event.hpp"
#include "remediator/core/guard.hpp"
#include "remediator/core/incident.hpp"
#include "remediator/core/input.hpp"
#include "tests/sim/rules.hpp"

namespace fieldmedic::core::sim {

class Coverage {
 public:
  // Everything that there is, at zero: a new event, input, effect, guard or rule that the
  // simulation does not reach fails the run until it does.
  Coverage();

  void gave(const Input& input);
  void recorded(const Payload& event);
  void released(const Effect& effect);
  void refused(Guard guard);
  void ordered(const Input& order, bool granted);
  void repeated(IgnoreReason reason);
  // The remediator died right after the commit that held this event.
  void crashed_after(const Payload& event);
  // … before this effect, which was ordered on disk.
  void crashed_before(const Effect& effect);
  void crashed_in(Phase phase);
  void tested(const Rules& rules);

  // "kind: name" of what was never reached and is not excused.
  [[nodiscard]] std::vector<std::string> missing() const;
  // For people: a line a kind, with every name and how often.
  [[nodiscard]] std::string table() const;

 private:
  using Names = std::map<std::string, std::uint64_t, std::less<>>;

  void count(std::string_view kind, std::string_view name, std::uint64_t by = 1);

  std::map<std::string, Names, std::less<>> kinds_;
};

}  // namespace fieldmedic::core::sim
