// fieldmedic-sim: lives of fleets with everything that can go wrong, until so many steps are done
// or a rule is broken. docs/simulation.md.
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "tests/sim/shrink.hpp"

namespace fieldmedic::core::sim {
namespace {

constexpr std::size_t kEventsShown = 60;

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t steps = 1'000'000;
  Setup one;  // of an episode to repeat
  bool table = false;
  bool all_reached = true;
  bool smallest = true;
  std::vector<std::string> without;
};

Setup draw(std::uint64_t seed, std::uint64_t episode) {
  Rng rng(seed, 7 + episode);
  Setup setup;
  setup.seed = rng.next();
  setup.hosts = rng.between(2, 9);
  setup.steps = rng.between(500, 6'000);
  return setup;
}

std::string as_command(const Setup& setup) {
  std::string text = "fieldmedic-sim --episode " + std::to_string(setup.seed) + " --hosts " +
                     std::to_string(setup.hosts) + " --steps " + std::to_string(setup.steps);
  for (const Fault fault : setup.without) text += " --without " + std::string(to_string(fault));
  return text;
}

void print_violation(const Setup& setup, const Violation& violation, std::uint64_t steps) {
  std::printf("BROKEN: %s\n%s\nafter %llu steps, found by: %s\n",
              std::string(to_string(violation.rule)).c_str(), violation.what.c_str(),
              static_cast<unsigned long long>(steps), as_command(setup).c_str());
}

void print_smallest(const Setup& setup, const Violation& violation) {
  const Setup smallest = shrink(setup, violation.rule);
  Coverage ignored;
  const Outcome outcome = run_episode(smallest, ignored);
  const std::size_t count = outcome.timeline.size();
  for (std::size_t i = count > kEventsShown ? count - kEventsShown : 0; i < count; ++i)
    std::printf("%s\n", outcome.timeline[i].c_str());
  std::printf("%s\nshortest, after %d steps and %zu events: %s\n",
              outcome.violation ? outcome.violation->what.c_str() : "", outcome.steps, count,
              as_command(smallest).c_str());
}

int search(const Options& options) {
  Coverage coverage;
  std::uint64_t steps = 0;
  std::uint64_t events = 0;
  std::uint64_t episodes = 0;
  while (steps < options.steps) {
    const Setup setup = draw(options.seed, episodes);
    const Outcome outcome = run_episode(setup, coverage);
    steps += static_cast<std::uint64_t>(outcome.steps);
    if (outcome.violation) {
      print_violation(setup, *outcome.violation, steps);
      if (options.smallest) print_smallest(setup, *outcome.violation);
      return 1;
    }
    ++episodes;
    events += outcome.events;
  }
  if (options.table) std::printf("%s", coverage.table().c_str());
  std::printf("seed %llu: %llu episodes, %llu steps, %llu events, no rule broken\n",
              static_cast<unsigned long long>(options.seed),
              static_cast<unsigned long long>(episodes), static_cast<unsigned long long>(steps),
              static_cast<unsigned long long>(events));
  const std::vector<std::string> missing = coverage.missing();
  for (const std::string& what : missing) std::printf("never reached: %s\n", what.c_str());
  return options.all_reached && !missing.empty() ? 1 : 0;
}

int repeat(Setup setup) {
  Coverage coverage;
  const Outcome outcome = run_episode(setup, coverage);
  for (const std::string& line : outcome.timeline) std::printf("%s\n", line.c_str());
  std::printf("%d steps, %llu events: %s\n", outcome.steps,
              static_cast<unsigned long long>(outcome.events),
              outcome.violation ? outcome.violation->what.c_str() : "no rule broken");
  return outcome.violation ? 1 : 0;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Simulates the remediator's core: hosts that fail, hang, lie and heal, and crashes.");
  app.add_option("--steps", options.steps, "steps in all; with --episode: steps until faults stop");
  app.add_option("--seed", options.seed, "what the episodes are drawn from");
  auto* episode = app.add_option("--episode", options.one.seed, "repeat this one episode");
  app.add_option("--hosts", options.one.hosts, "of that episode")->needs(episode);
  app.add_option("--without", options.without, "leave out this fault")->needs(episode);
  app.add_flag("--table", options.table, "show what was reached, and how often");
  app.add_flag("!--some", options.all_reached, "do not fail for what was never reached");
  app.add_flag("!--first", options.smallest, "do not look for the smallest form of a violation");
  CLI11_PARSE(app, argc, argv);
  if (episode->count() == 0) return search(options);
  options.one.steps = static_cast<int>(std::min<std::uint64_t>(options.steps, kStepsMost));
  for (std::size_t i = 0; i < kFaults; ++i)
    for (const std::string& name : options.without)
      if (name == to_string(static_cast<Fault>(i)))
        options.one.without.push_back(static_cast<Fault>(i));
  return repeat(options.one);
}

}  // namespace
}  // namespace fieldmedic::core::sim

int main(int argc, char** argv) {
  return fieldmedic::core::sim::run(argc, argv);
}
