// Prometheus and Alertmanager: alerts on what is sick (and now and then on what is not), sent as
// webhooks that get lost, doubled, late and cut.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/fakes/manual_clock.hpp"
#include "tests/sim/machine.hpp"
#include "tests/sim/world.hpp"

namespace fieldmedic::core::sim {

class Alerts {
 public:
  Alerts(Schedule& schedule, Faults& faults, const ManualClock& clock, Machine& machine,
         const Scenario& scenario, std::uint64_t seed);

  void begin();
  // A target fell sick or is well again.
  void changed(const Member& member);
  // What Alertmanager has, as the remediator routes it now.
  [[nodiscard]] std::vector<RoutedAlert> firing() const;

 private:
  struct Series {
    Target target;
    std::shared_ptr<const Playbook> playbook;
    std::string fingerprint;
    bool with_every_sickness = true;
    bool sick = false;
    bool falsely = false;
    bool firing = false;
    bool unsent = false;  // its last change
    std::uint64_t changes = 0;
    Time starts_at{};
  };

  void evaluate(std::size_t index);
  void false_alarms();
  void watchdog();
  void send_soon(const std::string& group, Duration delay);
  void send(const std::string& group);
  void deliver(AlertBatch batch, Machine::Answered answered);
  void mistreat(AlertBatch& batch);
  [[nodiscard]] RoutedAlert routed(const Series& series) const;
  [[nodiscard]] RoutedAlert strange();

  Schedule& schedule_;
  Faults& faults_;
  const ManualClock& clock_;
  Machine& machine_;
  Rng rng_;
  std::vector<Series> series_;
  std::set<std::string> sending_;  // groups that will be sent anyway
  Duration repeat_;
  Duration silent_until_{0};  // the Watchdog does not come
  std::uint64_t strangers_ = 0;
};

}  // namespace fieldmedic::core::sim
