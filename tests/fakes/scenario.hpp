// Plays inputs to the core and holds, after every step, that the state is the fold of what was
// recorded.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "remediator/core/decide.hpp"
#include "remediator/core/fold.hpp"
#include "tests/catch.hpp"

namespace fieldmedic::core {

using namespace std::chrono_literals;

inline Playbook two_tiers() {
  Playbook playbook;
  playbook.name = "collector-down";
  playbook.tiers = {{"restart", {"process_restart", "{}"}, 30s},
                    {"unit", {"systemd_restart", "{}"}, 60s}};
  playbook.verify = {120s, 1s, {{{"process", "{}"}, 10s}, {{"port", "{}"}, 10s}}};
  playbook.limits = {3, 1h, 5min, 30min};
  playbook.relapse = {30min, 3};
  playbook.receivers = {"oncall"};
  return playbook;
}

inline Plan plan_of(std::vector<std::string> steps,
                    std::string resource = "host/h1/process/orders") {
  Plan plan;
  for (std::string& name : steps)
    plan.steps.push_back({std::move(name), "{}", "{}", Confirmable::Yes});
  plan.resources = {std::move(resource)};
  plan.summary = "restart orders";
  return plan;
}

class Scenario {
 public:
  Scenario() {
    policy.receivers["oncall"] = {ReceiverPolicy::Send::All, 2};
    policy.group_sizes["g"] = 10;
    policy.fleet_size = 10;
    policy.self_receivers = {"oncall"};
    policy.watchdog_within = 5min;
    policy.alertmanager_known = true;
    for (const char* target : {"collector/orders@h1", "collector/orders@h2", "collector/archive@h1",
                               "collector/archive@h2", "host/h1"})
      policy.targets.insert(target);
    record({Started{1, "journal1", "boot", "test"}});
  }

  // Gives one input now.
  Decision give(const Input& input) {
    if (configured)
      policy.playbooks[playbook.name] = {playbook.mode, playbook.limits, playbook.receivers, {}};
    last = decide(policy, state, input, now);
    events.insert(events.end(), last.events.begin(), last.events.end());
    State folded;
    for (const Event& event : events) fold(folded, event);
    CHECK(folded == state);
    return last;
  }
  void record(Payload payload) {
    events.push_back({now, std::move(payload)});
    fold(state, events.back());
  }
  void restart() {
    record(Started{state.epoch + 1, "journal1", "boot", "test"});
    give(Resume{});
  }
  void wait(Duration by) { now += by; }

  RoutedAlert alert(const std::string& host = "h1",
                    AlertStatus status = AlertStatus::Firing) const {
    RoutedAlert routed;
    routed.alert.key = {"alertmanager", "fp-" + host, occurrence};
    routed.alert.status = status;
    routed.alert.labels = {{"alertname", "CollectorDown"}, {"host", host}};
    routed.playbook = std::make_shared<const Playbook>(playbook);
    routed.target = {TargetKind::Collector, "orders", host, "g"};
    return routed;
  }
  Decision fire(const std::string& host = "h1") { return give(AlertBatch{{alert(host)}, {}}); }
  Decision resolve(const std::string& host = "h1") {
    return give(AlertBatch{{alert(host, AlertStatus::Resolved)}, {}});
  }
  Decision checks(IncidentId id, Verdict first, Verdict second) {
    const Incident* incident = state.find(id);
    const std::uint64_t round = incident == nullptr ? 0 : incident->round;
    return give(ChecksDone{id, round, {{first, "evidence 1"}, {second, "evidence 2"}}});
  }
  Decision fail_checks(IncidentId id) { return checks(id, Verdict::Fail, Verdict::Unknown); }
  Decision pass_checks(IncidentId id) { return checks(id, Verdict::Pass, Verdict::Pass); }
  Decision planned(IncidentId id, Result<Plan> plan, std::string hash = "") {
    return give(Planned{id, state.find(id)->attempt->id, std::move(plan), std::move(hash)});
  }
  Decision applied(IncidentId id, Applied outcome = Applied::Done) {
    const Attempt& attempt = *state.find(id)->attempt;
    return give(ApplyDone{id, attempt.id, attempt.step, outcome, "apply evidence"});
  }
  Decision confirmed(IncidentId id, Confirmed answer = Confirmed::Applied, std::string left = "") {
    const Attempt& attempt = *state.find(id)->attempt;
    return give(ConfirmDone{id, attempt.id, attempt.step, answer, "confirm evidence", left});
  }
  Decision timer(IncidentId id) { return give(Timer{id, state.find(id)->round}); }

  // Alert to applied and confirmed, with a plan of one step.
  void act(const std::string& host = "h1") {
    fire(host);
    const IncidentId id = state.last_incident;
    fail_checks(id);
    planned(id, plan_of({"start"}, "host/" + host + "/process/orders"));
    applied(id);
    confirmed(id);
  }
  void hold_and_recover(IncidentId id) {
    pass_checks(id);
    wait(10s);
    pass_checks(id);
  }

  [[nodiscard]] Phase phase(IncidentId id) const {
    if (const Incident* open = state.find(id)) return open->phase;
    for (const Incident& incident : state.ended)
      if (incident.id == id) return incident.phase;
    return Phase::Cancelled;
  }
  [[nodiscard]] std::string reason(IncidentId id) const {
    for (const Incident& incident : state.ended)
      if (incident.id == id) return incident.reason;
    return {};
  }
  template <class E>
  [[nodiscard]] std::size_t recorded() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        events, [](const Event& e) { return std::holds_alternative<E>(e.payload); }));
  }
  template <class E>
  [[nodiscard]] const E* released() const {  // by the last step
    for (const Effect& effect : last.effects)
      if (const auto* found = std::get_if<E>(&effect.what)) return found;
    return nullptr;
  }
  template <class E>
  [[nodiscard]] Time due() const {
    for (const Effect& effect : last.effects)
      if (std::holds_alternative<E>(effect.what)) return effect.not_before;
    return Time{};
  }

  Playbook playbook = two_tiers();
  bool configured = true;  // the policy knows the playbook
  Policy policy;
  State state;
  Time now{1'795'000'000s};
  Time occurrence{1'794'999'990s};  // startsAt of alerts fired now
  std::vector<Event> events;
  Decision last;
};

}  // namespace fieldmedic::core
