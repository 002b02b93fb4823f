#include "tests/sim/episode.hpp"

#include <algorithm>

#include "tests/sim/alerts.hpp"
#include "tests/sim/people.hpp"
#include "tests/sim/timeline.hpp"

namespace fieldmedic::core::sim {
namespace {

using namespace std::chrono_literals;

constexpr int kFoldEvery = 1'000;  // steps

class Episode {
 public:
  Episode(const Setup& setup, Coverage& coverage)
      : setup_(setup),
        coverage_(coverage),
        rng_(setup.seed, 5),
        scenario_(make_scenario(rng_, setup.hosts)),
        faults_(setup.seed, setup.without),
        judge_(rules_, coverage),
        world_(schedule_, faults_, rules_, scenario_, setup.seed),
        machine_({clock_, faults_, judge_, coverage,
                  [this](const Effect& effect) { world_.start(effect); }, setup.seed}),
        alerts_(schedule_, faults_, clock_, machine_, scenario_, setup.seed),
        people_(schedule_, faults_, machine_, world_, setup.seed) {
    machine_.use_policy(scenario_.policy);
    world_.connect({[this](Input input) { machine_.give(std::move(input)); },
                    [this](const Member& member) { alerts_.changed(member); },
                    [this] { return alerts_.firing(); },
                    [this](const Message& message) { people_.told(message); }});
  }

  Outcome run();

 private:
  [[nodiscard]] bool quiet() const {
    const Ledger& ledger = judge_.ledger();
    const bool leases_done = std::ranges::all_of(
        ledger.leases, [](const auto& each) { return each.second.handed_over; });
    return machine_.alive() && leases_done && ledger.open.empty() && ledger.messages.empty() &&
           !(ledger.asking_back && scenario_.policy->alertmanager_known);
  }
  // The next thing that happens; the remediator decides when several have come together, or at
  // once.
  void step();
  void trouble();
  void stop_faults();
  void restart_if_dead();
  void move_to(Duration time);

  Setup setup_;
  Coverage& coverage_;
  Rng rng_;
  Scenario scenario_;
  Schedule schedule_;
  ManualClock clock_;
  Faults faults_;
  Rules rules_;
  Judge judge_;
  World world_;
  Machine machine_;
  Alerts alerts_;
  People people_;
  bool restarting_ = false;
  int steps_ = 0;
};

void Episode::move_to(Duration time) {
  if (time <= schedule_.now()) return;
  clock_.advance(time - schedule_.now());
  schedule_.advance_to(time);
}

void Episode::restart_if_dead() {
  if (machine_.alive() || restarting_) return;
  restarting_ = true;
  world_.orphan();
  const bool long_away = rng_.chance(10);
  schedule_.after(long_away ? rng_.between(2min, 40min) : rng_.between(10ms, 20s), [this] {
    restarting_ = false;
    machine_.start();
  });
}

// Between two steps.
void Episode::trouble() {
  if (faults_.strikes(Fault::WallJump)) clock_.jump_wall(rng_.between(-2h, 2h));
  if (faults_.strikes(Fault::Reload))
    machine_.use_policy(reloaded(*scenario_.policy, rng_, clock_.wall()));
  if (!machine_.alive()) return;
  if (faults_.strikes(Fault::Sleep)) {
    const Duration by = rng_.between(2s, 20min);
    clock_.suspend(by);
    schedule_.advance_to(schedule_.now() + by);
  }
}

void Episode::step() {
  ++steps_;
  trouble();
  const auto wake = machine_.alive() ? machine_.next_wake() : std::nullopt;
  const bool own = wake && (schedule_.empty() || schedule_.now() + *wake <= schedule_.next());
  if (own) {
    move_to(schedule_.now() + *wake);
  } else {
    move_to(schedule_.next());
    schedule_.take()();
  }
  if (machine_.alive() && (own || (machine_.has_work() && !rng_.chance(20)))) machine_.work();
  if (machine_.alive() && steps_ % kFoldEvery == 0 && !machine_.has_work()) machine_.check_fold();
  restart_if_dead();
}

void Episode::stop_faults() {
  faults_.stop();
  world_.stop();
  people_.leave();
  machine_.use_policy(scenario_.policy);
}

Outcome Episode::run() {
  machine_.start();
  world_.begin();
  alerts_.begin();
  people_.begin();
  while (steps_ < setup_.steps && !rules_.violation()) step();
  stop_faults();
  const Duration end = schedule_.now() + 2 * longest_life(scenario_);
  while (!rules_.violation() && steps_ < kStepsMost && schedule_.now() < end && !quiet()) step();
  if (!rules_.violation()) judge_.finish(*scenario_.policy);
  coverage_.tested(rules_);
  return {rules_.violation(), steps_, machine_.journal().size(),
          rules_.violation() ? timeline(machine_.journal()) : std::vector<std::string>{}};
}

}  // namespace

Outcome run_episode(const Setup& setup, Coverage& coverage) {
  Episode episode(setup, coverage);
  return episode.run();
}

}  // namespace fieldmedic::core::sim
