#include "tests/sim/alerts.hpp"

#include <algorithm>

namespace fieldmedic::core::sim {

using namespace std::chrono_literals;

Alerts::Alerts(Schedule& schedule, Faults& faults, const ManualClock& clock, Machine& machine,
               const Scenario& scenario, std::uint64_t seed)
    : schedule_(schedule),
      faults_(faults),
      clock_(clock),
      machine_(machine),
      rng_(seed, 3),
      repeat_(0) {
  repeat_ = rng_.between(60s, 240s);
  for (const Target& target : scenario.targets) {
    if (target.kind == TargetKind::Host) {
      series_.push_back({target, scenario.for_hosts, "host-" + target.host});
      continue;
    }
    if (target.kind == TargetKind::Group) {
      series_.push_back({target, scenario.for_groups, "group-" + target.group});
      continue;
    }
    for (const auto& playbook : scenario.for_collectors) {
      series_.push_back({target, playbook, playbook->name + "-" + target.name + "-" + target.host});
      series_.back().with_every_sickness = playbook == scenario.for_collectors.front();
    }
  }
}

void Alerts::begin() {
  watchdog();
  false_alarms();
}

void Alerts::changed(const Member& member) {
  for (std::size_t i = 0; i < series_.size(); ++i) {
    Series& series = series_[i];
    if (series.target != member.target) continue;
    series.sick = member.sick && (series.with_every_sickness || member.sicknesses % 3 == 0);
    schedule_.after(rng_.between(1s, 15s), [this, i] { evaluate(i); });
  }
}

void Alerts::false_alarms() {
  schedule_.after(rng_.between(30s, 120s), [this] {
    false_alarms();
    if (!faults_.strikes(Fault::FalseAlert)) return;
    const std::size_t i = rng_.below(series_.size());
    series_[i].falsely = true;
    evaluate(i);
    schedule_.after(rng_.between(5s, 300s), [this, i] {
      series_[i].falsely = false;
      evaluate(i);
    });
  });
}

void Alerts::evaluate(std::size_t index) {
  Series& series = series_[index];
  const bool should = series.sick || series.falsely;
  if (should == series.firing) return;
  series.firing = should;
  series.unsent = true;
  ++series.changes;
  if (should) series.starts_at = clock_.wall();
  send_soon(series.target.group, rng_.between(100ms, 5s));
}

void Alerts::send_soon(const std::string& group, Duration delay) {
  if (!sending_.insert(group).second) return;
  schedule_.after(delay, [this, group] {
    sending_.erase(group);
    send(group);
  });
}

RoutedAlert Alerts::routed(const Series& series) const {
  RoutedAlert routed;
  routed.alert.key = {"alertmanager", series.fingerprint, series.starts_at};
  routed.alert.status = series.firing ? AlertStatus::Firing : AlertStatus::Resolved;
  routed.alert.labels = {{"alertname", series.playbook->name}};
  if (series.target.host != "h1")
    routed.alert.labels["zone"] = series.target.group == "north" ? "north" : "south";
  const Policy& policy = machine_.policy();
  if (!policy.playbooks.contains(series.playbook->name)) {
    routed.why = "no playbook matches it";
  } else if (!policy.targets.contains(key_of(series.target))) {
    routed.ignored = IgnoreReason::BadTarget;
    routed.why = "no such target";
  } else {
    routed.playbook = series.playbook;
    routed.target = series.target;
  }
  return routed;
}

std::vector<RoutedAlert> Alerts::firing() const {
  std::vector<RoutedAlert> all;
  for (const Series& series : series_)
    if (series.firing) all.push_back(routed(series));
  return all;
}

RoutedAlert Alerts::strange() {
  RoutedAlert routed;
  routed.alert.key = {"alertmanager", "strange-" + std::to_string(strangers_++ / 2), Time{}};
  routed.ignored = rng_.chance(50) ? IgnoreReason::Poison : IgnoreReason::NoPlaybook;
  routed.why = "strange";
  return routed;
}

// All of the group that fires, and what has ended and was not told. Told again until it is taken.
void Alerts::send(const std::string& group) {
  AlertBatch batch;
  std::vector<std::pair<std::size_t, std::uint64_t>> told;
  bool fires = false;
  for (std::size_t i = 0; i < series_.size(); ++i) {
    const Series& series = series_[i];
    if (series.target.group != group || (!series.firing && !series.unsent)) continue;
    fires = fires || series.firing;
    batch.alerts.push_back(routed(series));
    told.emplace_back(i, series.changes);
  }
  if (batch.alerts.empty()) return;
  if (fires) send_soon(group, repeat_);
  const auto taken = [this, told] {
    for (const auto& [i, changes] : told)
      if (series_[i].changes == changes) series_[i].unsent = false;
  };
  if (faults_.strikes(Fault::WebhookLost)) return taken();  // Alertmanager itself fell over it
  if (faults_.strikes(Fault::WebhookTwice)) machine_.give(batch);
  if (faults_.strikes(Fault::WebhookLate))
    schedule_.after(rng_.between(10s, 600s), [this, batch] { machine_.give(batch); });
  mistreat(batch);
  deliver(std::move(batch), [this, group, taken](Heard heard, const std::optional<Status>&) {
    if (heard == Heard::Recorded) return taken();
    send_soon(group, rng_.between(1s, 10s));
  });
}

void Alerts::mistreat(AlertBatch& batch) {
  if (faults_.strikes(Fault::StrangeAlert)) batch.alerts.push_back(strange());
  if (!faults_.strikes(Fault::WebhookCut)) return;
  batch.lost = "alerts were cut";
  std::erase_if(batch.alerts, [this](const RoutedAlert&) { return rng_.chance(50); });
}

void Alerts::deliver(AlertBatch batch, Machine::Answered answered) {
  schedule_.after(rng_.between(1ms, 50ms),
                  [this, batch = std::move(batch), answered = std::move(answered)] {
                    machine_.give(batch, answered);
                  });
}

void Alerts::watchdog() {
  schedule_.after(60s, [this] {
    watchdog();
    if (faults_.strikes(Fault::WatchdogLost))
      silent_until_ = schedule_.now() + rng_.between(60s, 900s);
    if (schedule_.now() < silent_until_) return;
    AlertBatch batch;
    batch.watchdog = true;
    machine_.give(std::move(batch), [](Heard, const std::optional<Status>&) {});
  });
}

}  // namespace fieldmedic::core::sim
