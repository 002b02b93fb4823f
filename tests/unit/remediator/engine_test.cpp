// The engine keeps the order: journal, then effects and answers; and it survives a journal that
// does not take.
#include "remediator/engine.hpp"

#include <atomic>
#include <thread>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/memory_journal.hpp"
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

namespace {

// An outside where every collector is sick until it was repaired once; it notes what was on disk at
// each effect.
class World final : public EffectRunner {
 public:
  explicit World(MemoryJournal& journal) : journal_(journal) {}

  void start(core::Effect effect) override {
    if (auto* checks = std::get_if<core::RunChecks>(&effect.what)) {
      const core::Verdict verdict = repaired ? core::Verdict::Pass : core::Verdict::Fail;
      post(core::ChecksDone{checks->incident, checks->round, {{verdict, "e"}, {verdict, "e"}}});
    } else if (auto* plan = std::get_if<core::MakePlan>(&effect.what)) {
      post(core::Planned{plan->incident, plan->attempt, core::plan_of({"start"}), {}});
    } else if (auto* apply = std::get_if<core::Apply>(&effect.what)) {
      ++applies;
      if (journal_.recorded<core::ApplyIntended>() < applies) ++unrecorded_applies;
      repaired = true;
      post(core::ApplyDone{apply->incident, apply->attempt, apply->step, core::Applied::Done, "e"});
    } else if (auto* confirm = std::get_if<core::Confirm>(&effect.what)) {
      post(core::ConfirmDone{confirm->incident, confirm->attempt, confirm->step,
                             repaired ? core::Confirmed::Applied : core::Confirmed::NotApplied,
                             "e"});
    } else if (auto* deliver = std::get_if<core::Deliver>(&effect.what)) {
      ++deliveries;
      post(core::DeliveryDone{deliver->id, "fake", core::Delivery::Delivered, {}, "e"});
    }
  }

  std::function<void(core::Input)> post;
  std::atomic<bool> repaired = false;
  std::atomic<std::size_t> applies = 0;
  std::atomic<std::size_t> unrecorded_applies = 0;
  std::atomic<std::size_t> deliveries = 0;

 private:
  MemoryJournal& journal_;
};

// An engine over a journal and a world that both outlive it.
class Running {
 public:
  Running(MemoryJournal& journal, World& world)
      : metrics_(clock_),
        engine_({journal, clock_, world, metrics_, [this](const std::string&) { ++emergencies; },
                 [this](const std::string&) { ++emergencies; }}) {
    world.post = [this](core::Input input) { engine_.post(std::move(input)); };
    auto policy = std::make_shared<core::Policy>();
    policy->receivers["oncall"] = {core::ReceiverPolicy::Send::All, 1};
    policy->playbooks["collector-down"] = {core::Mode::Act, core::two_tiers().limits, {"oncall"}};
    policy->targets.insert("collector/orders@h1");
    started = engine_.start(policy);
    if (started) thread_ = std::thread([this] { ended = engine_.run(); });
  }
  ~Running() { join(); }
  void join() {
    engine_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Engine& engine() { return engine_; }

  Status started;
  Status ended;
  std::atomic<int> emergencies = 0;

 private:
  SystemClock clock_;
  Metrics metrics_;
  Engine engine_;
  std::thread thread_;
};

core::AlertBatch one_alert() {
  core::Scenario scenario;
  scenario.playbook.verify.checks[0].hold = 0s;
  scenario.playbook.verify.checks[1].hold = 0s;
  return {{scenario.alert()}, {}};
}

}  // namespace

TEST_CASE(
    "the journal is tidied with the state of all its records, and what was altered is told once") {
  MemoryJournal journal;
  World world(journal);
  Running running(journal, world);
  REQUIRE(running.started);
  CHECK(running.engine().submit(one_alert()) == Intake::Recorded);
  CHECK(eventually([&] { return journal.recorded<core::MessageDelivered>() == 1; }));
  core::State folded;
  for (const Record& record : journal.records()) core::fold(folded, record.event);
  CHECK(eventually([&] { return journal.tidied() == folded; }));
  CHECK(running.emergencies == 0);
  journal.alter("record 5: wrong hash");
  CHECK(running.engine().submit({{}, {}, true}) == Intake::Recorded);
  CHECK(eventually([&] { return running.emergencies == 1; }));
  CHECK(running.engine().submit({{}, {}, true}) == Intake::Recorded);
  CHECK(running.emergencies == 1);
}

TEST_CASE("an alert is on disk when its answer comes and heals by one action") {
  MemoryJournal journal;
  World world(journal);
  Running running(journal, world);
  REQUIRE(running.started);
  CHECK(running.engine().submit(one_alert()) == Intake::Recorded);
  CHECK(journal.recorded<core::IncidentOpened>() == 1);
  CHECK(eventually([&] { return journal.recorded<core::MessageDelivered>() == 1; }));
  CHECK(journal.recorded<core::Recovered>() == 1);
  CHECK(world.applies == 1);
  CHECK(world.unrecorded_applies == 0);
}

TEST_CASE(
    "no single refusal of the journal lets an unrecorded action through or loses an incident") {
  for (int refuse_at = 2;; ++refuse_at) {
    MemoryJournal journal;
    World world(journal);
    Running running(journal, world);
    REQUIRE(running.started);
    journal.refuse_at = refuse_at;
    while (running.engine().submit(one_alert()) != Intake::Recorded) {
      CHECK(journal.recorded<core::IncidentOpened>() == 0);  // told to come again: nothing is there
    }
    REQUIRE(eventually([&] { return journal.recorded<core::MessageDelivered>() == 1; }));
    CHECK(world.applies == 1);
    CHECK(world.unrecorded_applies == 0);
    CHECK(running.ended);
    if (journal.appends() < refuse_at) break;  // every call has been refused once
  }
}

TEST_CASE("no single break of the journal lets an unrecorded action through") {
  for (int break_at = 2;; ++break_at) {
    MemoryJournal journal;
    World world(journal);
    {
      Running running(journal, world);
      REQUIRE(running.started);
      journal.break_at = break_at;
      const Intake intake = running.engine().submit(one_alert());
      REQUIRE(eventually([&] {
        return running.emergencies > 0 || journal.recorded<core::MessageDelivered>() == 1;
      }));
      if (intake == Intake::Recorded) CHECK(journal.recorded<core::IncidentOpened>() == 1);
      if (running.emergencies > 0) {
        running.join();
        CHECK_FALSE(running.ended);
        CHECK(running.engine().submit(one_alert()) == Intake::Stopping);
      }
    }
    CHECK(world.unrecorded_applies == 0);
    if (journal.appends() < break_at) break;

    // Starting again over the same journal finishes what was begun, and acts at most once more.
    Running again(journal, world);
    REQUIRE(again.started);
    (void)again.engine().submit(one_alert());
    CHECK(eventually([&] {
      return journal.recorded<core::MessageDelivered>() >= 1 ||
             journal.recorded<core::Cancelled>() == 1;
    }));
    CHECK(world.applies == 1);
  }
}

TEST_CASE("while the journal refuses alerts are told to come again and nothing is done") {
  MemoryJournal journal;
  World world(journal);
  Running running(journal, world);
  journal.refusing = true;
  CHECK(running.engine().submit(one_alert()) == Intake::JournalRefuses);
  CHECK_FALSE(running.engine().journal_takes());
  CHECK(running.emergencies > 0);
  CHECK(world.applies == 0);
  std::size_t open = 99;
  REQUIRE(
      running.engine().ask([&](const core::State& state, Journal&) { open = state.open.size(); }));
  CHECK(open == 0);
  // Having nothing to write is no proof: it stays so until a write succeeds, however often it is
  // asked.
  const int refusals = running.emergencies;
  CHECK(eventually([&] { return running.emergencies > refusals; }));
  CHECK_FALSE(running.engine().journal_takes());
  journal.refusing = false;
  CHECK(eventually([&] { return running.engine().journal_takes(); }));
  CHECK(eventually([&] { return running.engine().submit(one_alert()) == Intake::Recorded; }));
  CHECK(eventually([&] { return journal.recorded<core::Recovered>() == 1; }));
}

TEST_CASE("a Watchdog that never comes is told, and a sleep of the machine is recorded") {
  MemoryJournal journal;
  World world(journal);
  ManualClock clock;
  Metrics metrics(clock);
  Engine engine(
      {journal, clock, world, metrics, [](const std::string&) {}, [](const std::string&) {}});
  world.post = [&](core::Input input) { engine.post(std::move(input)); };
  auto policy = std::make_shared<core::Policy>();
  policy->receivers["oncall"] = {core::ReceiverPolicy::Send::All, 1};
  policy->self_receivers = {"oncall"};
  policy->watchdog_within = 5min;
  REQUIRE(engine.start(policy));
  std::thread thread([&] { CHECK(engine.run()); });
  const auto turn = [&] { CHECK(engine.ask([](const core::State&, Journal&) {})); };
  REQUIRE(eventually([&] { return journal.recorded<core::Started>() == 1; }));
  turn();
  clock.advance(5min - 1ms);
  turn();
  turn();
  CHECK(journal.recorded<core::WatchdogLost>() == 0);
  clock.suspend(1h);  // the period begins anew
  turn();
  turn();
  CHECK(journal.recorded<core::TimeLost>() == 1);
  CHECK(journal.recorded<core::WatchdogLost>() == 0);
  clock.advance(5min);
  turn();
  turn();
  CHECK(journal.recorded<core::WatchdogLost>() == 1);
  CHECK(eventually([&] { return world.deliveries == 1; }));
  clock.advance(5min);  // one that comes when the next is due comes in time
  CHECK(engine.submit({{}, "", true}) == Intake::Recorded);
  turn();
  turn();
  CHECK(journal.recorded<core::WatchdogReturned>() == 1);
  CHECK(journal.recorded<core::WatchdogLost>() == 1);
  engine.stop();
  thread.join();
}

TEST_CASE("whoever waits behind a break of the journal is answered") {
  MemoryJournal journal;
  World world(journal);
  Running running(journal, world);
  REQUIRE(eventually([&] { return journal.recorded<core::Started>() == 1; }));
  journal.broken = true;
  std::atomic<int> answered = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([&] {
      (void)running.engine().submit(one_alert());
      (void)running.engine().ask([](const core::State&, Journal&) {});
      ++answered;
    });
  for (std::thread& client : clients) client.join();  // hangs when somebody is forgotten
  CHECK(answered == 8);
}

TEST_CASE("a start on a full disk waits until there is room") {
  MemoryJournal journal;
  journal.refusing = true;
  World world(journal);
  Running running(journal, world);
  REQUIRE(running.started);
  CHECK(running.engine().submit(one_alert()) == Intake::JournalRefuses);
  journal.refusing = false;
  CHECK(eventually([&] { return running.engine().submit(one_alert()) == Intake::Recorded; }));
  CHECK(journal.recorded<core::Started>() == 1);
  CHECK(std::holds_alternative<core::Started>(journal.records().front().event.payload));
}

TEST_CASE("the state after a start is the fold of the journal") {
  MemoryJournal journal;
  World world(journal);
  {
    Running running(journal, world);
    CHECK(running.engine().submit(one_alert()) == Intake::Recorded);
    REQUIRE(eventually([&] { return journal.recorded<core::MessageDelivered>() == 1; }));
  }
  Running again(journal, world);
  CHECK(again.engine().submit(one_alert()) == Intake::Recorded);  // a duplicate: nothing new
  CHECK(journal.recorded<core::IncidentOpened>() == 1);
  CHECK(world.applies == 1);
}
