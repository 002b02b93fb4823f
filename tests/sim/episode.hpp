// One life of a fleet: things go wrong for a while, then nothing more does, and all has to end
// well.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/coverage.hpp"
#include "tests/sim/faults.hpp"
#include "tests/sim/rules.hpp"

namespace fieldmedic::core::sim {

inline constexpr int kStepsMost = 10'000;  // of one episode, the quiet end included

// All that an episode depends on.
struct Setup {
  std::uint64_t seed = 0;
  int hosts = 6;
  int steps = 5'000;  // after so many the faults stop
  std::vector<Fault> without;
};

struct Outcome {
  std::optional<Violation> violation;
  int steps = 0;                      // taken
  std::uint64_t events = 0;           // recorded
  std::vector<std::string> timeline;  // up to the violation, for people
};

[[nodiscard]] Outcome run_episode(const Setup& setup, Coverage& coverage);

}  // namespace fieldmedic::core::sim
