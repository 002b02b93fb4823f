// A tier that wants a person's word (S4).
#include "tests/catch.hpp"
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic::core;
using fieldmedic::Errc;

namespace {

constexpr const char* kHash = "0123456789abcdef";

// Until a person is asked about `hash`.
void ask(Scenario& s, Approval approval = {}, const std::string& hash = kHash) {
  s.playbook.tiers[0].approval = approval;
  s.fire();
  s.fail_checks(1);
  s.planned(1, plan_of({"stop", "start"}), hash);
  REQUIRE(s.phase(1) == Phase::Approving);
}

Errc refusal(const Scenario& s) {
  REQUIRE(s.last.verdict);
  REQUIRE_FALSE(s.last.verdict->has_value());
  return s.last.verdict->error().code;
}

}  // namespace

TEST_CASE("a tier with approval is not applied before a person said so") {
  Scenario s;
  ask(s);
  CHECK(s.recorded<ApplyIntended>() == 0);
  CHECK(s.released<Apply>() == nullptr);
  REQUIRE(s.released<Deliver>() != nullptr);
  CHECK(s.released<Deliver>()->message.kind == MessageKind::ApprovalWanted);
  CHECK(s.state.under_repair == UnderRepair{});  // waiting holds nothing
  s.give(Approve{1, kHash, "alice", Role::Operator});
  CHECK(s.last.verdict->has_value());
  CHECK(s.phase(1) == Phase::Diagnosing);  // what was planned is old by now
  s.fail_checks(1);
  s.planned(1, plan_of({"stop", "start"}), kHash);
  CHECK(s.phase(1) == Phase::Acting);
}

TEST_CASE("an approval is bound to what it was given for") {
  Scenario s;
  ask(s);
  s.give(Approve{1, "another", "alice", Role::Operator});
  CHECK(refusal(s) == Errc::Conflict);
  s.give(Approve{1, kHash, "alice", Role::Operator});
  s.fail_checks(1);
  s.planned(1, plan_of({"wipe"}), "another");
  CHECK(s.phase(1) == Phase::Approving);
  CHECK(s.recorded<ApplyIntended>() == 0);
}

TEST_CASE("an approval is used once") {
  Scenario s;
  ask(s);
  s.give(Approve{1, kHash, "alice", Role::Operator});
  s.fail_checks(1);
  s.planned(1, plan_of({"stop", "start"}), kHash);
  s.applied(1, Applied::WorldDiffers);
  s.fail_checks(1);
  s.planned(1, plan_of({"stop", "start"}), kHash);
  CHECK(s.phase(1) == Phase::Approving);
}

TEST_CASE("an approval survives a restart, and so does the question") {
  Scenario s;
  ask(s);
  s.restart();
  CHECK(s.phase(1) == Phase::Approving);
  CHECK(s.due<Wake>() == s.state.find(1)->asked->expires_at);
  s.give(Approve{1, kHash, "alice", Role::Operator});
  s.restart();
  s.fail_checks(1);
  s.planned(1, plan_of({"stop", "start"}), kHash);
  CHECK(s.phase(1) == Phase::Acting);
}

TEST_CASE("an approval expires when nothing comes of it in time") {
  Scenario s;
  ask(s);
  s.give(Approve{1, kHash, "alice", Role::Operator});
  s.fail_checks(1);
  s.wait(15min);
  s.planned(1, plan_of({"stop", "start"}), kHash);
  CHECK(s.phase(1) == Phase::Approving);
}

TEST_CASE("guards are asked again after an approval") {
  Scenario s;
  ask(s);
  s.give(Approve{1, kHash, "alice", Role::Operator});
  s.give(Pause{"all", "bob", ""});
  s.fail_checks(1);
  CHECK(s.phase(1) == Phase::Waiting);
}

TEST_CASE("an approval takes the role that the tier names") {
  Scenario s;
  ask(s, {Role::Admin, 15min, AtExpiry::HandOver});
  s.give(Approve{1, kHash, "bob", Role::Operator});
  CHECK(refusal(s) == Errc::Denied);
  CHECK(s.last.events.empty());
  s.give(Approve{1, kHash, "alice", Role::Admin});
  CHECK(s.last.verdict->has_value());
}

TEST_CASE("nothing waits for approval, nothing is approved") {
  Scenario s;
  s.give(Approve{1, kHash, "alice", Role::Admin});
  CHECK(refusal(s) == Errc::NotFound);
  s.fire();
  s.give(Approve{1, kHash, "alice", Role::Admin});
  CHECK(refusal(s) == Errc::Conflict);
}

TEST_CASE("without a word by the end follows what the tier states") {
  Scenario s;
  SECTION("a person goes on") {
    ask(s, {Role::Operator, 15min, AtExpiry::HandOver});
    s.wait(15min - 1ms);
    s.timer(1);
    CHECK(s.phase(1) == Phase::Approving);
    s.wait(1ms);
    s.timer(1);
    CHECK(s.phase(1) == Phase::HandedOver);
    CHECK(s.reason(1) == "nobody approved in time: restart orders");
  }
  SECTION("the next tier") {
    ask(s, {Role::Operator, 15min, AtExpiry::NextTier});
    s.wait(15min);
    s.timer(1);
    CHECK(s.phase(1) == Phase::Diagnosing);
    CHECK(s.state.find(1)->tier == 1);
    CHECK(s.state.breakers.empty());  // nothing was tried
  }
  SECTION("it is done") {
    ask(s, {Role::Operator, 15min, AtExpiry::Proceed});
    s.wait(15min);
    s.timer(1);
    s.fail_checks(1);
    s.planned(1, plan_of({"stop", "start"}), kHash);
    CHECK(s.phase(1) == Phase::Acting);
  }
  CHECK(s.recorded<ApprovalExpired>() == 1);
}

TEST_CASE("an end of the alert is looked into while a person is asked") {
  Scenario s;
  ask(s);
  s.resolve();
  CHECK(s.phase(1) == Phase::Diagnosing);
  CHECK_FALSE(s.state.find(1)->asked);
}
