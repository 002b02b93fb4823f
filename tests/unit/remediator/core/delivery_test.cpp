// The outbox: told at least once, bounded in tries and in number.
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;
using namespace fieldmedic::core;

TEST_CASE("a message stays in the outbox until it is delivered") {
  Scenario s;
  s.act();
  s.hold_and_recover(1);
  REQUIRE(s.released<Deliver>() != nullptr);
  s.give(DeliveryDone{1, "wecom_robot", Delivery::Delivered, {}, "ok"});
  CHECK(s.state.outbox.size() == 1);
  s.give(DeliveryDone{1, "wecom_robot", Delivery::Delivered, {}, "again"});
  CHECK(s.recorded<MessageDelivered>() == 1);
}

TEST_CASE("what a restart queues is sent once, and what waited before it too") {
  Scenario s;
  s.policy.receivers["oncall"] = {ReceiverPolicy::Send::All, 1};
  s.act();
  s.hold_and_recover(1);  // message 1 waits
  s.fire("h2");
  s.fail_checks(2);
  Plan script = plan_of({"run"}, "host/h2");
  script.steps[0].confirmable = Confirmable::AtMostOnce;
  s.planned(2, script);
  s.restart();  // hands incident 2 over: message 2
  REQUIRE(s.phase(2) == Phase::HandedOver);
  std::vector<MessageId> sent;
  for (const Effect& effect : s.last.effects)
    if (const auto* deliver = std::get_if<Deliver>(&effect.what)) sent.push_back(deliver->id);
  CHECK(sent == std::vector<MessageId>{1, 2});
}

TEST_CASE("a Watchdog that stops coming is told once and its return too") {
  Scenario s;
  s.give(Resume{});
  CHECK(s.due<ExpectWatchdog>() == s.now + 5min);
  AlertBatch batch;
  batch.watchdog = true;
  s.wait(4min);
  s.give(batch);
  CHECK(s.due<ExpectWatchdog>() == s.now + 5min);
  CHECK(s.recorded<MessageQueued>() == 0);
  s.wait(5min);
  s.give(WatchdogMissed{});
  CHECK(s.recorded<MessageQueued>() == 2);
  CHECK(s.released<Deliver>()->message.title == "No Watchdog alert comes in");
  CHECK(s.released<ExpectWatchdog>() != nullptr);
  s.wait(5min);
  s.give(WatchdogMissed{});
  s.restart();
  s.give(WatchdogMissed{});
  CHECK(s.recorded<MessageQueued>() == 2);
  s.give(batch);
  CHECK(s.recorded<WatchdogReturned>() == 1);
  CHECK(s.recorded<MessageQueued>() == 4);
}

TEST_CASE("where no Watchdog is sent none is missed") {
  Scenario s;
  s.policy.watchdog_within = 0s;
  s.give(WatchdogMissed{});
  CHECK(s.recorded<MessageQueued>() == 0);
  CHECK(s.due<ExpectWatchdog>() > s.now);  // a reload may want it
}

TEST_CASE("the remediator's own troubles are told to every receiver that is named for them") {
  Scenario s;
  s.policy.receivers["boss"] = {ReceiverPolicy::Send::First, 1};
  s.policy.self_receivers = {"boss", "oncall"};
  s.give(WatchdogMissed{});
  CHECK(s.recorded<MessageQueued>() == 3);
}

TEST_CASE("a delivery is tried again for a day and given up then") {
  Scenario s;
  s.act();
  s.hold_and_recover(1);
  const Time queued = s.now;
  Time before = s.now;
  while (s.now < queued + 24h) {
    s.give(DeliveryDone{1, "http", Delivery::Retry, {}, "503"});
    REQUIRE(s.released<Deliver>() != nullptr);
    REQUIRE(s.due<Deliver>() > before);
    s.now = s.due<Deliver>();
    before = s.now;
  }
  s.give(DeliveryDone{1, "http", Delivery::Retry, {}, "503"});
  CHECK(s.released<Deliver>() == nullptr);
  CHECK(s.recorded<MessageDropped>() == 1);
  CHECK_FALSE(s.state.outbox.contains(1));
}

TEST_CASE("send first goes on after five tries that were not taken") {
  Scenario s;
  s.policy.receivers["oncall"].send = ReceiverPolicy::Send::First;
  s.act();
  s.hold_and_recover(1);
  for (int tries = 1; tries < 5; ++tries) {
    s.give(DeliveryDone{1, "wecom_robot", Delivery::Retry, {}, "no answer"});
    CHECK(s.released<Deliver>()->channel == 0);
  }
  s.give(DeliveryDone{1, "wecom_robot", Delivery::Retry, {}, "no answer"});
  CHECK(s.released<Deliver>()->channel == 1);
}

TEST_CASE("a channel that asks for time gets it") {
  Scenario s;
  s.act();
  s.hold_and_recover(1);
  s.give(DeliveryDone{1, "wecom_robot", Delivery::Retry, 60s, "45009"});
  CHECK(s.due<Deliver>() == s.now + 60s);
}

TEST_CASE("send first goes on to the next channel only after a refusal") {
  Scenario s;
  s.policy.receivers["oncall"].send = ReceiverPolicy::Send::First;
  s.act();
  s.hold_and_recover(1);
  REQUIRE(s.state.outbox.size() == 1);
  s.give(DeliveryDone{1, "wecom_robot", Delivery::Refused, {}, "93000"});
  REQUIRE(s.state.outbox.size() == 1);
  CHECK(s.released<Deliver>()->channel == 1);
  s.give(DeliveryDone{2, "http", Delivery::Refused, {}, "400"});
  CHECK(s.state.outbox.empty());
}

TEST_CASE("a restart delivers what was not delivered") {
  Scenario s;
  s.act();
  s.hold_and_recover(1);
  s.restart();
  CHECK(std::ranges::count_if(s.last.effects, [](const Effect& e) {
          return std::holds_alternative<Deliver>(e.what);
        }) == 2);
}

TEST_CASE("a full outbox drops the new message and says so") {
  Scenario s;
  for (MessageId id = 1; id <= kOutboxMost; ++id)
    s.record(MessageQueued{id, 0, "oncall", 0, 0, {}});
  s.policy.receivers["oncall"].channels = 1;
  s.fire();
  s.timer(1);
  CHECK(s.recorded<MessageDropped>() == 1);
  CHECK(s.state.outbox.size() == kOutboxMost);
}

TEST_CASE("what people read names target outcome and time") {
  Scenario s;
  s.act();
  s.hold_and_recover(1);
  const Message& message = s.state.outbox.begin()->second.queued.message;
  CHECK(message.title == "Recovered: collector/orders@h1");
  CHECK(message.fields == std::vector<std::pair<std::string, std::string>>{
                              {"incident", "1"},
                              {"target", "collector/orders@h1"},
                              {"group", "g"},
                              {"alert", "CollectorDown"},
                              {"playbook", "collector-down"},
                              {"outcome", "every check passes and held after: restart"},
                              {"after", "10 s"}});
}
