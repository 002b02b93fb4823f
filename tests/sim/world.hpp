// The outside: hosts that fail, hang, lie and heal, and what an action really does to them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "remediator/core/effect.hpp"
#include "remediator/core/input.hpp"
#include "tests/sim/faults.hpp"
#include "tests/sim/rules.hpp"
#include "tests/sim/scenario.hpp"
#include "tests/sim/schedule.hpp"

namespace fieldmedic::core::sim {

// One target as it truly is.
struct Member {
  Target target;
  bool sick = false;
  int depth = 0;                  // the strength of an action that heals it; 4: none does
  std::uint64_t incarnation = 1;  // rises with every change of it, ours or not
  std::uint64_t sicknesses = 0;
  AttemptId diverted{};  // by which its data go elsewhere for a time; empty: they do not
};

class World {
 public:
  struct Wiring {
    std::function<void(Input)> answer;                 // to the remediator that lives then
    std::function<void(const Member&)> changed;        // sick or well
    std::function<std::vector<RoutedAlert>()> alerts;  // what Alertmanager has
    std::function<void(const Message&)> told;          // a message reached people
  };

  World(Schedule& schedule, Faults& faults, Rules& rules, const Scenario& scenario,
        std::uint64_t seed);
  void connect(Wiring wiring) { wiring_ = std::move(wiring); }
  // Things begin to go wrong by themselves.
  void begin();
  void stop() { stopped_ = true; }

  // Carries out what the remediator released: an EffectRunner.
  void start(const Effect& effect);
  // The remediator died: answers to it are lost; what it started goes on outside, or ends with it.
  void orphan();

  [[nodiscard]] const std::vector<Member>& members() const { return members_; }

 private:
  struct Running {
    std::string target;
    IncidentId incident = 0;
  };
  // What becomes of one apply.
  struct Fate {
    bool lies = false;     // it says done, and changes nothing
    bool unknown = false;  // whether it was done is not told
    int heard_by = 0;      // the life of the remediator that gets the answer
  };
  static constexpr int kNobody = -1;
  using StepKey = std::pair<AttemptId, std::uint32_t>;

  void carry_out(const RunChecks& effect);
  void carry_out(const MakePlan& effect);
  void carry_out(const PlanUndo& effect);
  void carry_out(const Apply& effect);
  void carry_out(const Confirm& effect);
  void carry_out(const CancelAttempt& effect);
  void carry_out(const Deliver& effect);
  void carry_out(const Reconcile& effect);
  void carry_out(const AskAlerts& effect);
  void carry_out(const Wake&) {}            // the engine's own
  void carry_out(const ExpectWatchdog&) {}  // the engine's own

  void answer(Duration delay, Input input);
  // The same, unless the answer hangs.
  void answer_or_hang(Duration delay, Input input);
  // What hung of this incident comes when it is about something else.
  void come_late(IncidentId incident);
  [[nodiscard]] Duration soon() { return rng_.between(Duration{20}, Duration{1'500}); }
  [[nodiscard]] Member& member(const Target& target);
  [[nodiscard]] CheckAnswer check(const Member& member);
  // A group is as its hosts are: half of them sick.
  [[nodiscard]] bool is_sick(const Member& member) const;
  [[nodiscard]] Result<Plan> plan(const MakePlan& effect, const Member& member);
  [[nodiscard]] Result<Plan> undo_plan(const PlanUndo& effect, const Member& member);
  void made(const Apply& effect, Member& target);
  [[nodiscard]] std::optional<Result<GroupHealth>> health(const std::string& group);
  void change(const Apply& effect, Fate fate);
  void next_trouble();
  void trouble(Member& member);
  void heal(Member& member);

  Schedule& schedule_;
  Faults& faults_;
  Rules& rules_;
  Rng rng_;
  Wiring wiring_;
  std::vector<Member> members_;
  std::map<std::string, std::size_t, std::less<>> by_key_;
  std::map<StepKey, Running> running_;
  std::set<StepKey> made_;
  std::map<IncidentId, ApplyDone> hung_;
  Duration pace_;
  int life_ = 0;
  bool stopped_ = false;
};

}  // namespace fieldmedic::core::sim
