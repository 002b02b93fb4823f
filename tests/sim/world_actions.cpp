// What actions see, do and leave behind.
#include <algorithm>

#include "tests/sim/world.hpp"

namespace fieldmedic::core::sim {
namespace {

using namespace std::chrono_literals;

struct Kind {
  int strength;
  std::vector<const char*> steps;
  Confirmable confirmable;
};

Kind kind_of(const std::string& action) {
  if (action == "restart") return {1, {"stop", "sweep", "start"}, Confirmable::Yes};
  if (action == "clear") return {1, {"clear"}, Confirmable::Yes};
  if (action == "unit") return {2, {"restart"}, Confirmable::Yes};
  if (action == "script") return {2, {"run"}, Confirmable::AtMostOnce};
  if (action == "divert") return {2, {"divert", "tell"}, Confirmable::Yes};
  if (action == "failover") return {3, {"stop the sick", "enable the standby"}, Confirmable::Yes};
  return {3, {"reboot"}, Confirmable::Yes};
}

std::vector<std::string> resources_of(const std::string& action, const Target& target) {
  const std::string host = "host/" + target.host;
  const std::string collector = host + "/collector/" + target.name;
  if (action == "restart") return {collector + "/process"};
  if (action == "clear") return {collector};
  if (action == "unit") return {collector, "store/" + target.group};
  if (action == "divert") return {collector, collector + "/store"};
  if (action == "failover") return {"group/" + target.group};
  return {host};  // a script may touch anything
}

}  // namespace

Result<Plan> World::plan(const MakePlan& effect, const Member& member) {
  if (faults_.strikes(Fault::PlanFails)) {
    if (rng_.chance(50)) return fail(Errc::Unavailable, "the host does not answer");
    if (rng_.chance(50)) return fail(Errc::NotFound, "there is no such thing");
    return Plan{};
  }
  const Kind kind = kind_of(effect.action.type);
  Plan plan;
  std::uint64_t incarnation = member.incarnation;
  for (const char* name : kind.steps)
    plan.steps.push_back({name, std::to_string(incarnation++), name, kind.confirmable});
  plan.resources = resources_of(effect.action.type, effect.target);
  plan.summary = effect.action.type + " " + key_of(effect.target);
  // On every second host nobody else may touch the collector either.
  const bool alone = !effect.target.host.empty() && effect.target.host.back() % 2 == 0;
  if (effect.action.type == "divert")
    plan.lease = LeaseClaim{plan.resources.back(),
                            effect.target.name == "orders" ? WhenAway::Nobody : WhenAway::DeadMan,
                            alone ? plan.resources : std::vector<std::string>{}};
  return plan;
}

// What the replay of a host of two did cannot be looked up.
Result<Plan> World::undo_plan(const PlanUndo& effect, const Member& member) {
  if (faults_.strikes(Fault::PlanFails)) {
    if (rng_.chance(50)) return fail(Errc::Unavailable, "the host does not answer");
    return fail(Errc::Conflict, "somebody changed it since");
  }
  Plan plan;
  plan.summary = "back to its own store";
  if (member.diverted.empty()) return plan;
  const bool once = effect.target.host.back() % 2 == 0;
  plan.steps = {{"back", std::to_string(member.incarnation), "back", Confirmable::Yes},
                {"replay", std::to_string(member.incarnation + 1), "replay",
                 once ? Confirmable::AtMostOnce : Confirmable::Yes}};
  plan.resources = effect.made.resources;
  return plan;
}

void World::carry_out(const PlanUndo& effect) {
  schedule_.after(soon(), [this, life = life_, effect] {
    if (life != life_) return;
    Member& target = member(effect.target);
    Planned planned{effect.incident, effect.attempt, undo_plan(effect, target), "", {}};
    if (faults_.strikes(Fault::WorldMoves)) ++target.incarnation;
    answer_or_hang(soon(), std::move(planned));
  });
}

std::optional<Result<GroupHealth>> World::health(const std::string& group) {
  if (faults_.strikes(Fault::HealthUnknown)) {
    if (rng_.chance(30)) return std::nullopt;
    if (rng_.chance(50)) return GroupHealth{};
    return fail(Errc::Unavailable, "no Prometheus");
  }
  GroupHealth health;
  for (const Member& each : members_) {
    if (each.target.group != group || each.target.kind != TargetKind::Collector) continue;
    ++health.samples;
    auto& well = health.well[each.target.name];
    if (!each.sick) well.insert(each.target.host);
  }
  return health;
}

void World::carry_out(const MakePlan& effect) {
  schedule_.after(soon(), [this, life = life_, effect] {
    if (life != life_) return;
    Member& target = member(effect.target);
    Planned planned{effect.incident, effect.attempt, plan(effect, target), "", {}};
    // What is wanted changes now and then, and with it what an approval was given for.
    planned.hash = effect.action.type + "@" + key_of(effect.target) + "#" +
                   std::to_string(target.incarnation / 8);
    planned.health = health(effect.target.group);
    if (faults_.strikes(Fault::WorldMoves)) ++target.incarnation;
    answer_or_hang(soon(), std::move(planned));
  });
}

void World::carry_out(const Apply& effect) {
  if (effect.step == 0) come_late(effect.incident);
  const std::string target = key_of(effect.target);
  const auto other = std::ranges::find_if(
      running_, [&](const auto& each) { return each.second.target == target; });
  rules_.hold(Rule::OneAtATime, other == running_.end(),
              effect.attempt + " begins on " + target + " while " +
                  (other == running_.end() ? "" : other->first.first) + " still runs there");
  if (faults_.strikes(Fault::ApplyRefused))
    return answer_or_hang(soon(), ApplyDone{effect.incident, effect.attempt, effect.step,
                                            Applied::Refused, "denied"});

  running_[{effect.attempt, effect.step}] = {target, effect.incident};
  const bool slow = faults_.strikes(Fault::AnswerHangs);
  Fate fate{faults_.strikes(Fault::ApplyLies), faults_.strikes(Fault::ApplyUnknown), life_};
  if (fate.unknown && rng_.chance(50)) {  // the connection is lost, the command runs on
    answer(soon(), ApplyDone{effect.incident, effect.attempt, effect.step, Applied::Unknown,
                             "the connection was lost"});
    fate.heard_by = kNobody;
  }
  schedule_.after(slow ? rng_.between(10s, 180s) : soon(),
                  [this, effect, fate] { change(effect, fate); });
}

// The moment of the change. The world is compared with what the plan saw (S2).
void World::change(const Apply& effect, Fate fate) {
  if (running_.erase({effect.attempt, effect.step}) == 0) return;  // it was stopped before
  Member& target = member(effect.target);
  ApplyDone done{effect.incident, effect.attempt, effect.step, Applied::Done, "as wanted"};
  if (std::to_string(target.incarnation) != effect.plan.steps[effect.step].seen) {
    done.outcome = Applied::WorldDiffers;
  } else if (!fate.lies) {
    ++target.incarnation;
    made_.insert({effect.attempt, effect.step});
    made(effect, target);
  }
  if (fate.unknown) done.outcome = Applied::Unknown;
  if (fate.heard_by == life_) answer_or_hang(soon(), std::move(done));
}

// What the change of a step comes to.
void World::made(const Apply& effect, Member& target) {
  const std::string& step = effect.plan.steps[effect.step].name;
  if (step == "divert") target.diverted = effect.attempt;
  if (step == "back") target.diverted.clear();
  if (step == "back" || step == "replay") return;
  const bool last = effect.step + 1 == effect.plan.steps.size();
  if (last && kind_of(effect.action.type).strength >= target.depth) heal(target);
}

void World::carry_out(const Confirm& effect) {
  schedule_.after(soon(), [this, life = life_, effect] {
    if (life != life_) return;
    const StepKey key{effect.attempt, effect.step};
    const bool wanted = std::to_string(member(effect.target).incarnation - 1) ==
                        effect.plan.steps[effect.step].seen;
    ConfirmDone done{effect.incident, effect.attempt, effect.step, Confirmed::NotApplied,
                     "it is not there"};
    if (running_.contains(key))
      done.answer = Confirmed::InProgress;
    else if (made_.contains(key) && wanted)
      done.answer = Confirmed::Applied;
    if (effect.plan.lease) done.left = "{\"step\":\"" + effect.plan.steps[effect.step].seen + "\"}";
    if (faults_.strikes(Fault::ConfirmUnknown)) done.answer = Confirmed::Unknown;
    answer_or_hang(soon(), std::move(done));
  });
}

void World::carry_out(const CancelAttempt& effect) {
  std::erase_if(running_, [&](const auto& each) {
    return each.first.first == effect.attempt && rng_.chance(70);
  });
}

}  // namespace fieldmedic::core::sim
