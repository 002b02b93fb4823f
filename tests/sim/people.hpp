// Those who are asked and told, and who meddle.
#pragma once

#include <string>

#include "tests/sim/machine.hpp"
#include "tests/sim/schedule.hpp"
#include "tests/sim/world.hpp"

namespace fieldmedic::core::sim {

class People {
 public:
  People(Schedule& schedule, Faults& faults, Machine& machine, const World& world,
         std::uint64_t seed)
      : schedule_(schedule), faults_(faults), machine_(machine), world_(world), rng_(seed, 4) {}

  void begin();
  void told(const Message& message);
  // They say nothing more.
  void leave() { left_ = true; }

 private:
  void day();
  void answer_questions();
  void meddle();
  void end_some_lease();
  void order(Input input);
  [[nodiscard]] std::string some_scope();
  [[nodiscard]] IncidentId some_incident();

  Schedule& schedule_;
  Faults& faults_;
  Machine& machine_;
  const World& world_;
  Rng rng_;
  bool left_ = false;
};

}  // namespace fieldmedic::core::sim
