// Guards, each on its boundary and with its reason.
#include "remediator/core/guard.hpp"

#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

TEST_CASE("attempts on a target are counted over incidents within their window") {
  Scenario s;
  s.playbook.limits.cooldown = 0s;
  s.playbook.relapse.within = 0s;
  const Time first = s.now;
  for (IncidentId id = 1; id <= 3; ++id) {
    s.act();
    s.hold_and_recover(id);
    REQUIRE(s.phase(id) == Phase::Recovered);
    s.occurrence += 1s;
  }
  SECTION("the fourth within the hour is refused for good") {
    s.now = first + 1h - 1ms;
    s.fire();
    s.fail_checks(4);
    CHECK(s.phase(4) == Phase::HandedOver);
    CHECK(s.reason(4) == "3 attempts on this target within 3600 s, the limit is 3");
    CHECK(s.recorded<GuardRefused>() == 1);
  }
  SECTION("when the first is an hour old there is room again") {
    s.now = first + 1h;
    s.fire();
    s.fail_checks(4);
    CHECK(s.phase(4) == Phase::Planning);
  }
}

TEST_CASE("cooldown makes the next incident wait and acts at its end") {
  Scenario s;
  s.playbook.relapse.within = 0s;
  s.act();
  s.hold_and_recover(1);
  const Time ended = s.now;
  s.occurrence += 1s;
  s.fire();
  s.fail_checks(2);
  CHECK(s.phase(2) == Phase::Waiting);
  CHECK(s.due<Wake>() == ended + 5min);
  s.now = ended + 5min - 1ms;
  s.timer(2);
  CHECK(s.phase(2) == Phase::Waiting);
  s.now = ended + 5min;
  s.timer(2);
  CHECK(s.phase(2) == Phase::Diagnosing);  // asked anew: it may have healed
}

TEST_CASE("the tiers of one incident follow each other without cooldown") {
  Scenario s;
  s.act();
  s.wait(120s);
  s.fail_checks(1);
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Planning);
}

TEST_CASE("tiers beyond the mildest wait until a fault of many would have shown itself") {
  struct Case {
    const char* name;
    std::uint32_t tier;
    TargetKind kind;
    Duration window;
    Duration since;  // the first alert
    std::optional<Duration> wait;
  };
  const Case cases[] = {
      {"the mildest acts at once", 0, TargetKind::Collector, 30s, 0s, std::nullopt},
      {"the next waits for the rest of the window", 1, TargetKind::Collector, 30s, 20s, 10s},
      {"and for its last moment", 2, TargetKind::Host, 30s, 30s - 1ms, 1ms},
      {"at its end it acts", 1, TargetKind::Collector, 30s, 30s, std::nullopt},
      {"no window, no wait", 1, TargetKind::Collector, 0s, 0s, std::nullopt},
      {"a group's incident is the wide fault itself", 1, TargetKind::Group, 30s, 0s, std::nullopt},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Scenario s;
      s.policy.correlation_window = c.window;
      s.fire();
      Incident incident = *s.state.find(1);
      incident.tier = c.tier;
      incident.target.kind = c.kind;
      s.policy.targets.insert(key_of(incident.target));
      const Time now = incident.opened_at + c.since;
      const auto no = ask_guards(s.policy, s.state, incident, nullptr, now);
      REQUIRE(no.has_value() == c.wait.has_value());
      if (!no) return;
      CHECK(no->guard == Guard::Correlation);
      CHECK(no->retry_at == now + *c.wait);
    }
  }
}

TEST_CASE("a harder tier is tried when the correlation window has passed, and after a new look") {
  Scenario s;
  s.policy.correlation_window = 200s;
  s.act();
  const Time opened = s.state.find(1)->opened_at;
  s.wait(120s);
  s.fail_checks(1);  // the first tier did not help
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Waiting);
  CHECK(s.state.find(1)->reason ==
        "only the mildest remedy within 200 s of the first alert, so that a fault of many is seen "
        "as one; 80 s to go");
  CHECK(s.due<Wake>() == opened + 200s);
  s.now = opened + 200s;
  s.timer(1);
  CHECK(s.phase(1) == Phase::Diagnosing);
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Planning);
}

TEST_CASE("caps of what is under repair at once") {
  struct Case {
    const char* name;
    GuardLimits limits;
    const char* second_host;
    const char* refused_by;  // "" for none
  };
  const Share one{Share::Kind::Count, 1};
  const Share many{Share::Kind::Count, 9};
  const Case cases[] = {
      {"one a host", {one, many, many, {}, {}, {}}, "h1", "in_flight_host"},
      {"another host is free", {one, many, many, {}, {}, {}}, "h2", ""},
      {"ten percent of ten is one",
       {many, {Share::Kind::Percent, 10}, many, {}, {}, {}},
       "h2",
       "in_flight_group"},
      {"twenty percent of ten is two",
       {many, {Share::Kind::Percent, 20}, many, {}, {}, {}},
       "h2",
       ""},
      {"the fleet", {many, many, one, {}, {}, {}}, "h2", "in_flight_fleet"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      Scenario s;
      s.policy.guards = c.limits;
      s.act("h1");
      auto other = s.alert(c.second_host);
      other.alert.key.fingerprint = "second";
      other.target.name = "archive";
      s.give(AlertBatch{{other}, {}});
      s.fail_checks(2);
      CHECK(s.state.find(2)->refused_by == c.refused_by);
      CHECK(s.phase(2) ==
            (std::string_view(c.refused_by).empty() ? Phase::Planning : Phase::Waiting));
    }
  }
}

TEST_CASE("limit_of never answers less than one") {
  CHECK(limit_of({Share::Kind::Percent, 10}, 9) == 1);
  CHECK(limit_of({Share::Kind::Percent, 10}, 20) == 2);
  CHECK(limit_of({Share::Kind::Percent, 10}, 29) == 2);
  CHECK(limit_of({Share::Kind::Count, 0}, 29) == 1);
}

TEST_CASE("a plan that touches what another incident holds waits") {
  Scenario s;
  s.policy.guards.in_flight_host = {Share::Kind::Count, 9};
  s.policy.guards.in_flight_group = {Share::Kind::Count, 9};
  s.act("h1");
  auto host = s.alert("h1");
  host.alert.key.fingerprint = "second";
  host.target = {TargetKind::Host, "", "h1", "g"};
  s.give(AlertBatch{{host}, {}});
  s.fail_checks(2);
  s.planned(2, plan_of({"reboot"}, "host/h1"));
  CHECK(s.state.find(2)->refused_by == "overlap");
  CHECK(s.recorded<ApplyIntended>() == 1);
  const std::size_t before = s.events.size();
  s.wait(2s);
  s.timer(2);
  CHECK(s.events.size() == before);  // the same no is not news
  s.hold_and_recover(1);
  s.wait(2s);
  s.timer(2);
  s.fail_checks(2);
  s.planned(2, plan_of({"reboot"}, "host/h1"));
  CHECK(s.phase(2) == Phase::Acting);
}

TEST_CASE("a reload reaches incidents that are open") {
  Scenario s;
  s.fire();
  SECTION("dry run applies nothing from now on") {
    s.fail_checks(1);
    s.playbook.mode = Mode::DryRun;
    s.planned(1, plan_of({"start"}));
    CHECK(s.reason(1) == "dry run, nothing was changed; would restart orders");
  }
  SECTION("a target that is gone is handed over") {
    s.policy.targets.erase("collector/orders@h1");
    s.fail_checks(1);
    CHECK(s.reason(1) == "the target is not in the inventory any more");
  }
  SECTION("a playbook that is gone is handed over") {
    s.configured = false;
    s.policy.playbooks.clear();
    s.fail_checks(1);
    CHECK(s.reason(1) == "playbook collector-down is not configured any more");
  }
  SECTION("new receivers are told and when none is left those of the remediator itself") {
    s.policy.receivers["second"] = {ReceiverPolicy::Send::All, 1};
    s.playbook.receivers = {"second", "gone"};
    s.timer(1);
    REQUIRE(s.state.outbox.size() == 1);
    CHECK(s.state.outbox.begin()->second.queued.receiver == "second");
  }
  SECTION("when no receiver is left those of the remediator itself are told") {
    s.playbook.receivers = {"gone"};
    s.timer(1);
    CHECK(s.state.outbox.size() == 2);
  }
  CHECK(s.recorded<ApplyIntended>() == 0);
}

TEST_CASE("waiting has an end: patience") {
  Scenario s;
  s.act("h1");
  auto other = s.alert("h1");
  other.alert.key.fingerprint = "second";
  other.target.name = "archive";
  s.give(AlertBatch{{other}, {}});
  s.fail_checks(2);
  const Time since = s.now;
  s.now = since + 30min - 1ms;
  s.timer(2);
  CHECK(s.phase(2) == Phase::Waiting);
  s.now = since + 30min;
  s.timer(2);
  CHECK(s.phase(2) == Phase::HandedOver);
  CHECK(s.reason(2) == "waited too long: 1 under repair on host h1, the limit is 1");
}

TEST_CASE("a waiting incident whose alerts are resolved looks again") {
  Scenario s;
  s.act("h1");
  auto other = s.alert("h1");
  other.alert.key.fingerprint = "second";
  other.target.name = "archive";
  s.give(AlertBatch{{other}, {}});
  s.fail_checks(2);
  other.alert.status = AlertStatus::Resolved;
  s.give(AlertBatch{{other}, {}});
  CHECK(s.phase(2) == Phase::Diagnosing);
}
