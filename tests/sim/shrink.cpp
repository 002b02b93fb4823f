#include "tests/sim/shrink.hpp"

#include <algorithm>

namespace fieldmedic::core::sim {
namespace {

constexpr int kTrials = 150;

class Shrinking {
 public:
  Shrinking(Setup failing, Rule rule) : smallest_(std::move(failing)), rule_(rule) {}

  Setup run() {
    (void)still_fails(smallest_);  // cuts what comes after the violation
    leave_out_faults();
    leave_out_hosts();
    leave_out_faults();  // in a smaller fleet fewer are needed
    cut_steps();
    return smallest_;
  }

 private:
  bool still_fails(Setup candidate) {
    if (++trials_ > kTrials) return false;
    Coverage ignored;
    const Outcome outcome = run_episode(candidate, ignored);
    if (!outcome.violation || outcome.violation->rule != rule_) return false;
    candidate.steps = std::min(candidate.steps, outcome.steps);
    smallest_ = std::move(candidate);
    return true;
  }
  void leave_out_faults() {
    for (std::size_t i = 0; i < kFaults; ++i) {
      const Fault fault = static_cast<Fault>(i);
      if (std::ranges::find(smallest_.without, fault) != smallest_.without.end()) continue;
      Setup candidate = smallest_;
      candidate.without.push_back(fault);
      (void)still_fails(std::move(candidate));
    }
  }
  void leave_out_hosts() {
    for (int hosts = 1; hosts < smallest_.hosts; ++hosts) {
      Setup candidate = smallest_;
      candidate.hosts = hosts;
      if (still_fails(std::move(candidate))) return;
    }
  }
  void cut_steps() {
    for (int cut = smallest_.steps / 2; cut > 0; cut /= 2) {
      Setup candidate = smallest_;
      candidate.steps -= cut;
      if (candidate.steps > 0) (void)still_fails(std::move(candidate));
    }
  }

  Setup smallest_;
  Rule rule_;
  int trials_ = 0;
};

}  // namespace

Setup shrink(Setup failing, Rule rule) {
  return Shrinking(std::move(failing), rule).run();
}

}  // namespace fieldmedic::core::sim
