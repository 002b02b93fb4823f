#include "tests/sim/world.hpp"

#include <algorithm>

namespace fieldmedic::core::sim {

using namespace std::chrono_literals;

World::World(Schedule& schedule, Faults& faults, Rules& rules, const Scenario& scenario,
             std::uint64_t seed)
    : schedule_(schedule), faults_(faults), rules_(rules), rng_(seed, 1), pace_(0) {
  for (const Target& target : scenario.targets) {
    by_key_[key_of(target)] = members_.size();
    members_.push_back({target, false, 0, 1, 0, {}});
  }
  pace_ = rng_.between(20s, 240s);
}

Member& World::member(const Target& target) {
  return members_[by_key_.find(key_of(target))->second];
}

void World::begin() {
  next_trouble();
}

void World::next_trouble() {
  schedule_.after(rng_.between(1s, 2 * pace_), [this] {
    if (stopped_) return;
    next_trouble();
    const Member& first = members_[rng_.below(members_.size())];
    if (!rng_.chance(10)) return trouble(members_[by_key_[key_of(first.target)]]);
    for (Member& each : members_)  // a storm
      if (each.target.group == first.target.group && each.target.name == first.target.name)
        trouble(each);
  });
}

void World::trouble(Member& member) {
  if (member.sick || member.target.kind == TargetKind::Group) return;
  member.sick = true;
  ++member.sicknesses;
  ++member.incarnation;
  member.depth = member.target.kind == TargetKind::Host ? rng_.between(3, 4) : rng_.between(1, 4);
  wiring_.changed(member);
  // By itself, or by a person in the end.
  const Duration until = rng_.chance(25) ? rng_.between(10s, 600s) : rng_.between(10min, 40min);
  schedule_.after(until, [this, &member, sickness = member.sicknesses] {
    if (member.sicknesses == sickness) heal(member);
  });
}

void World::heal(Member& member) {
  if (member.target.kind == TargetKind::Group)
    for (Member& each : members_)
      if (each.target.group == member.target.group && each.sick) heal(each);
  if (!member.sick) return;
  member.sick = false;
  wiring_.changed(member);
}

void World::answer(Duration delay, Input input) {
  schedule_.after(delay, [this, life = life_, input = std::move(input)] {
    if (life == life_) wiring_.answer(input);
  });
}

void World::answer_or_hang(Duration delay, Input input) {
  if (!faults_.strikes(Fault::AnswerHangs)) return answer(delay, std::move(input));
  if (rng_.chance(50)) return answer(rng_.between(30s, 400s), std::move(input));
  if (const auto* done = std::get_if<ApplyDone>(&input)) hung_[done->incident] = *done;
}

void World::come_late(IncidentId incident) {
  const auto found = hung_.find(incident);
  if (found == hung_.end()) return;
  answer(soon(), found->second);
  hung_.erase(found);
}

void World::orphan() {
  ++life_;
  hung_.clear();
  std::erase_if(running_, [this](const auto&) { return rng_.chance(50); });
}

void World::start(const Effect& effect) {
  std::visit([this](const auto& what) { carry_out(what); }, effect.what);
}

bool World::is_sick(const Member& member) const {
  if (member.target.kind != TargetKind::Group) return member.sick;
  std::set<std::string> hosts;
  std::set<std::string> sick;
  for (const Member& each : members_) {
    if (each.target.group != member.target.group || each.target.host.empty()) continue;
    hosts.insert(each.target.host);
    if (each.sick) sick.insert(each.target.host);
  }
  return 2 * sick.size() >= hosts.size();
}

CheckAnswer World::check(const Member& member) {
  if (faults_.strikes(Fault::CheckUnknown)) return {Verdict::Unknown, "no answer"};
  const bool lies = faults_.strikes(Fault::CheckLies);
  return is_sick(member) != lies ? CheckAnswer{Verdict::Fail, "it is down"}
                                 : CheckAnswer{Verdict::Pass, "it runs"};
}

void World::carry_out(const RunChecks& effect) {
  ChecksDone done{effect.incident, effect.round, {}};
  bool known = false;
  for (std::size_t i = 0; i < effect.checks->size(); ++i) {
    done.answers.push_back(known ? CheckAnswer{Verdict::Unknown, "not asked"}
                                 : check(member(effect.target)));
    known = known || (effect.until == RunChecks::Until::FirstFail &&
                      done.answers.back().verdict == Verdict::Fail);
  }
  answer_or_hang(soon(), std::move(done));
}

void World::carry_out(const Deliver& effect) {
  DeliveryDone done{effect.id, "channel", Delivery::Delivered, Duration{0}, ""};
  if (faults_.strikes(Fault::ChannelDown)) {
    done.outcome = rng_.chance(70) ? Delivery::Retry : Delivery::Refused;
    if (rng_.chance(20)) done.retry_after = rng_.between(1s, 60s);
  } else {
    wiring_.told(effect.message);
  }
  answer(soon(), std::move(done));
}

void World::carry_out(const Reconcile& effect) {
  // Read when the answer leaves Alertmanager, not when it comes here.
  schedule_.after(soon(), [this, life = life_, effect] {
    if (life != life_) return;
    ReconcileDone done{effect.tries, effect.losses, fail(Errc::Unavailable, "no Alertmanager")};
    if (!faults_.strikes(Fault::ChannelDown)) {
      done.asked = AskedBack{wiring_.alerts()};
    } else if (rng_.chance(50)) {  // a member that has just started knows some of them
      done.asked = AskedBack{wiring_.alerts(), "1 of 2 answer"};
      std::erase_if(done.asked->alerts, [this](const RoutedAlert&) { return rng_.chance(50); });
    }
    answer(soon(), std::move(done));
  });
}

void World::carry_out(const AskAlerts& effect) {
  AlertsAsked asked{effect.incident, effect.round, fail(Errc::Unavailable, "no Alertmanager")};
  if (!faults_.strikes(Fault::ChannelDown)) {
    asked.existing.emplace();
    for (const RoutedAlert& routed : wiring_.alerts()) asked.existing->push_back(routed.alert.key);
  }
  answer_or_hang(soon(), std::move(asked));
}

}  // namespace fieldmedic::core::sim
