// One event of each kind with every field set to something that is not its default.
#pragma once

#include <string>
#include <vector>

#include "remediator/core/event.hpp"

namespace fieldmedic {

inline core::Time event_time(std::int64_t milliseconds) {
  return core::Time(core::Duration(1'795'000'000'000 + milliseconds));
}

inline core::AlertKey sample_alert_key() {
  return {"alertmanager", "5cc02493132a2e7b", event_time(-730)};
}

inline core::Playbook sample_playbook() {
  using std::chrono::milliseconds;
  return {.name = "collector-down",
          .tiers = {{"restart the process",
                     {"process_restart", R"({"clear":["/var/cache/orders"],"a":1})"},
                     milliseconds(31'000)},
                    {"own script",
                     {"exec", R"({"argv":["/usr/local/bin/fix","{{ target.name }}"]})"},
                     milliseconds(60'000)}},
          .verify = {milliseconds(121'000),
                     milliseconds(1'001),
                     {{{"process", "{}"}, milliseconds(10'000)},
                      {{"promql", R"({"query":"up == 1"})"}, milliseconds(0)}}},
          .limits = {4, milliseconds(3'600'001), milliseconds(300'001), milliseconds(1'800'001)},
          .relapse = {milliseconds(1'800'002), 5},
          .receivers = {"oncall", "archive"},
          .mode = core::Mode::DryRun};
}

inline std::vector<core::Event> every_event() {
  using namespace core;
  const AttemptId attempt = "3f2a9c17-17-2";
  const LabelMap labels{{"alertname", "CollectorDown"}, {"collector", "orders"}, {"zone", "上海"}};
  const Target target{TargetKind::Host, "orders", "sh-01", "shanghai"};
  const Step step{"stop pid 4711", R"({"pid":4711,"start":12.5})", R"({"state":"gone"})",
                  Confirmable::AtMostOnce};
  const Message message{MessageKind::HandedOver,
                        "collector orders on sh-01 needs a person",
                        {{"target", "collector/orders@sh-01"}, {"reason", "磁盘满"}}};
  std::vector<Event> events;
  const auto add = [&](Payload payload) {
    events.push_back({event_time(static_cast<std::int64_t>(events.size())), std::move(payload)});
  };
  add(Started{7, "k3v9x2ab", "0f1e2d3c-boot", "0.1.0"});
  add(AlertReceived{sample_alert_key(), AlertStatus::Resolved, 17, "collector-down"});
  add(AlertIgnored{sample_alert_key(), AlertStatus::Resolved, IgnoreReason::UnknownResolved,
                   "no open incident knows it", labels});
  add(IntakeLost{"body of 70000000 bytes"});
  add(Reconciled{12});
  add(IncidentOpened{17, target, sample_playbook(), labels, 9, 1});
  add(DiagnosisStarted{17, "a new incident"});
  add(ChecksAnswered{17, {{Verdict::Pass, "pid 4711"}, {Verdict::Fail, "port closed"}}});
  add(PlanRequested{17, attempt, 1});
  add(PlanMade{17, attempt, {{step}, {"host/sh-01/process/orders"}, "restart orders"}});
  add(GuardRefused{17, "cooldown", "4 min to go", event_time(240'000)});
  add(GuardRefused{17, "attempts", "spent for good", std::nullopt});
  add(ApplyIntended{17, attempt, 1, "process_restart", "stop pid 4711"});
  add(ApplyFinished{17, attempt, 1, "process_restart", Applied::Done, "pid 4712"});
  add(ConfirmAnswered{17, attempt, 1, Confirmed::NotApplied, "still pid 4711"});
  add(VerificationStarted{17, attempt});
  add(TierFailed{17, 1, "not well within 2m"});
  add(StaleResult{17, attempt, "applied: done"});
  add(Recovered{17, "all checks held for 10s"});
  add(HandedOver{18, "tiers spent"});
  add(Cancelled{19, "well before anything was done"});
  add(MessageQueued{5, 17, "oncall", 1, 2, message});
  add(MessageDelivered{5, 17, "wecom_robot", "errcode 0"});
  add(MessageDeferred{5, 17, "wecom_robot", event_time(60'000), "errcode 45009"});
  add(MessageDropped{5, 17, "wecom_robot", "10 tries"});
  add(AlertPersists{sample_alert_key(), 17});
  add(TimeLost{std::chrono::milliseconds(3'600'000)});
  add(WatchdogLost{std::chrono::milliseconds(300'000)});
  add(WatchdogReturned{});
  Playbook with_approval = sample_playbook();
  with_approval.tiers[0].approval =
      Approval{Role::Admin, std::chrono::milliseconds(900'001), AtExpiry::NextTier};
  add(IncidentOpened{20, target, with_approval, labels, 0, 0});
  add(ApprovalRequested{17, attempt, "0f1e2d3c4b5a6978", "restart orders", Role::Admin,
                        event_time(900'000), AtExpiry::Proceed});
  add(Approved{17, "0f1e2d3c4b5a6978", "alice", event_time(900'000)});
  add(ApprovalExpired{17, "0f1e2d3c4b5a6978", AtExpiry::NextTier});
  add(Paused{"group/shanghai", "by alice: release"});
  add(Unpaused{"group/shanghai", "by alice"});
  add(BreakerOpened{"playbook/collector-down/group/shanghai", "on 3 targets"});
  add(BreakerClosed{"playbook/collector-down/group/shanghai", "by bob: cable mended"});
  add(AlertReceived{sample_alert_key(), AlertStatus::Firing, 17, "collector-down", "DiskFull"});
  Playbook with_condition = sample_playbook();
  with_condition.tiers[0].when = "check.process == fail and labels.zone == \"上海\"";
  add(IncidentOpened{21, target, with_condition, labels, 0, 0});
  add(AlertReceived{sample_alert_key(), AlertStatus::Firing, 21, "collector-down", "DiskFull"});
  add(TierSkipped{21, 1, Truth::Unknown, "check.process is not known"});
  add(IncidentOpened{22,
                     {TargetKind::Group, "", "", "shanghai"},
                     sample_playbook(),
                     labels,
                     0,
                     0,
                     Fault::Cascade,
                     "one after another: sh-01, then sh-02"});
  add(IncidentAdopted{21, 22, "waits for incident 22 on group/shanghai"});
  Playbook temporary = sample_playbook();
  temporary.tiers[0].lease =
      LeaseTerms{Duration(7'200'000),
                 {{{"promql", R"({"query":"disk_slow == 0"})"}, Duration(60'000)}},
                 Duration(30'000),
                 Unattended::Accepted};
  const Target diverted{TargetKind::Collector, "orders", "sh-02", "shanghai"};
  const Plan divert{{step},
                    {"host/sh-02/divert/var/spool/orders"},
                    "divert orders to /mnt/spare",
                    LeaseClaim{"host/sh-02/divert/var/spool/orders", WhenAway::DeadMan}};
  add(IncidentOpened{23, diverted, temporary, labels, 0, 0});
  add(PlanRequested{23, "3f2a9c17-23-1", 0});
  add(PlanMade{23, "3f2a9c17-23-1", divert});
  add(LeaseTaken{23, 24, "3f2a9c17-23-1", divert.lease->resource, event_time(7'200'000)});
  add(LeaseLooked{23, 24, {{Verdict::Fail, "disk_slow is 1"}}});
  add(LeaseEnded{23, 24, LeaseEnd::ByPerson, "by alice: disk changed"});
  add(UndoRequested{23, 24, "3f2a9c17-24-1"});
  add(UndoPlanned{23, 24, "3f2a9c17-24-1", divert});
  add(UndoDeferred{23, 24, "group/shanghai is paused"});
  add(UndoRequested{23, 24, "3f2a9c17-24-2"});
  add(UndoPlanned{23, 24, "3f2a9c17-24-2", divert});
  add(UndoIntended{23, 24, "3f2a9c17-24-2", 0, "back to /var/spool/orders"});
  add(UndoApplied{23, 24, "3f2a9c17-24-2", 0, Applied::Done, "the link is back"});
  add(UndoConfirmed{23, 24, "3f2a9c17-24-2", 0, Confirmed::Unknown, "no answer"});
  add(UndoFailed{23, 24, "data_divert", "cannot be confirmed", false});
  add(LeaseHandedOver{23, 24, "data_divert", "its target is sick"});
  add(LeaseSettled{23, 24, "by bob: by hand"});
  add(LeaseTaken{23, 25, "3f2a9c17-23-1", divert.lease->resource, event_time(7'200'001)});
  add(LeaseVoided{23, 25, "denied"});
  add(LeaseTaken{23, 26, "3f2a9c17-23-1", divert.lease->resource, event_time(7'200'002)});
  add(Undone{23, 26, "data_divert", "back to /var/spool/orders"});
  add(LeaseTaken{23, 27, "3f2a9c17-23-1", divert.lease->resource, event_time(7'200'003)});
  add(ConfirmAnswered{23, "3f2a9c17-23-1", 0, Confirmed::Applied, "it points there",
                      R"({"invocation_id":"85ce"})"});
  Plan failover = divert;
  failover.lease->also = {"host/sh-02", "host/spare"};
  add(PlanMade{23, "3f2a9c17-23-1", failover});
  return events;
}

}  // namespace fieldmedic
