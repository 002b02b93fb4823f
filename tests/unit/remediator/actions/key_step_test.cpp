#include "remediator/actions/key_step.hpp"

#include "common/sha256.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_key_store.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;
using Answers = FakeKeyStore::Answers;

// A key that said `own`, or was not there, and the step that sets it to "spare".
struct Case {
  FakeKeyStore store;
  ManualClock clock;
  core::Plan plan;

  explicit Case(const std::optional<std::string>& own = "own") {
    store.change_key(own);
    plan_step({.deed = KeyDeed::Divert, .value = "spare", .sha256 = sha256_of("spare")});
  }
  void plan_step(KeyStep step) {
    step.key = "/route";
    step.was = digest_of(store.now.key);
    step.key_revision = store.now.key.revision;
    step.record_revision = store.now.record.revision;
    step.planned_at = clock.wall();
    plan.steps = {write_key_step("test", step)};
  }
  KeyStep step() const { return read_key_step(plan.steps.front()).value(); }
  ApplyAnswer apply(std::stop_token stop = {}) {
    return apply_key_step(step(), {"a-1-1", kOrders, plan, 0, 9s}, store, clock, stop);
  }
  ConfirmAnswer confirm(const core::AttemptId& attempt = "a-1-1") {
    return confirm_key_step(step(), {attempt, kOrders, plan, 0, 9s}, store, clock, {});
  }
};

}  // namespace

TEST_CASE("key_step: a key is set once, and the record keeps what was there") {
  Case all;
  CHECK(all.confirm().answer == Confirmed::InProgress);
  CHECK(all.apply().outcome == Applied::Done);
  CHECK(all.store.now.key.value == "spare");
  const auto record = parse_record(all.store.now.record.value);
  REQUIRE(record);
  CHECK(record->attempt == "a-1-1");
  CHECK(record->was == "own");
  CHECK(all.confirm().answer == Confirmed::Applied);
  CHECK(all.confirm("a-1-2").answer == Confirmed::NotApplied);  // it is not that attempt's
  CHECK(all.plan.steps.front().seen.find("own") == std::string::npos);
  // Once more it changes nothing.
  CHECK(all.apply().outcome == Applied::WorldDiffers);
  CHECK(all.store.changes == 1);
}

TEST_CASE("key_step: what becomes of an order") {
  Case all;
  SECTION("the answer is lost, the change is made") {
    all.store.answers = Answers::LostAfterChange;
    CHECK(all.apply().outcome == Applied::Done);
    CHECK(all.confirm().answer == Confirmed::Applied);
  }
  SECTION("the answer is lost, and it may still come") {
    all.store.answers = Answers::LostBeforeChange;
    CHECK(all.apply().outcome == Applied::Unknown);
    CHECK(all.confirm().answer == Confirmed::InProgress);
    all.clock.advance(39s);
    CHECK(all.confirm().answer == Confirmed::InProgress);
    all.clock.advance(2s);
    CHECK(all.confirm().answer == Confirmed::NotApplied);
  }
  SECTION("it is refused") {
    all.store.answers = GENERATE(Answers::Denied, Answers::Down);
    CHECK(all.apply().outcome == Applied::Refused);
  }
  SECTION("it cannot be read") {
    all.store.readable = false;
    CHECK(all.apply().outcome == Applied::Refused);
    CHECK(all.confirm().answer == Confirmed::Unknown);
  }
  SECTION("it comes too late") {
    all.clock.advance(30s);
    CHECK(all.apply().outcome == Applied::WorldDiffers);
  }
  SECTION("it is cancelled before") {
    std::stop_source stop;
    stop.request_stop();
    CHECK(all.apply(stop.get_token()).outcome == Applied::Refused);
  }
  CHECK(all.store.changes == (all.store.answers == Answers::LostAfterChange ? 1 : 0));
}

TEST_CASE("key_step: a key that another changed is left alone") {
  Case all;
  SECTION("before") {
    all.store.change_key("theirs");
    CHECK(all.apply().outcome == Applied::WorldDiffers);
    CHECK(all.store.now.key.value == "theirs");
  }
  SECTION("after, even to the same value") {
    REQUIRE(all.apply().outcome == Applied::Done);
    all.store.change_key("spare");
    CHECK_FALSE(is_made_by(all.store.now, "a-1-1"));
  }
  CHECK(all.confirm().answer == Confirmed::NotApplied);
}

TEST_CASE("key_step: what was there comes back exactly, also nothing") {
  const auto was = GENERATE(as<std::optional<std::string>>{}, std::nullopt, std::string(),
                            std::string("own\0\xff", 5));
  Case all(was);
  REQUIRE(all.apply().outcome == Applied::Done);
  const std::string digest = all.step().was;
  all.plan_step({.deed = KeyDeed::PutBack, .sha256 = digest});
  CHECK(all.confirm().answer == Confirmed::InProgress);
  CHECK(all.apply().outcome == Applied::Done);
  CHECK(all.store.now.key.there == was.has_value());
  CHECK(all.store.now.key.value == was.value_or(""));
  CHECK_FALSE(all.store.now.record.there);
  CHECK(all.confirm().answer == Confirmed::Applied);
  all.store.change_key("theirs");
  CHECK(all.confirm().answer == Confirmed::NotApplied);
}

TEST_CASE("key_step: a record of somebody else's puts nothing back") {
  for (const char* text :
       {"", "[]", "{}", R"({"attempt":1,"was":null})", R"({"attempt":"a-1-1","was":"no base64"})",
        R"({"attempt":"a-1-1","was":1})"}) {
    INFO(text);
    CHECK_FALSE(parse_record(text));
    Case all;
    all.store.now.record = {true, text, 9, 9, false};
    all.plan_step({.deed = KeyDeed::PutBack, .sha256 = ""});
    CHECK(all.apply().outcome == Applied::Refused);
    CHECK(all.store.changes == 0);
  }
}

}  // namespace fieldmedic
