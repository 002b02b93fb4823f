#include "remediator/plan_hash.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic;

namespace {

const core::Spec kAction{"process_restart", "{}"};
const core::Target kTarget{core::TargetKind::Collector, "orders", "h1", "g"};

core::Plan plan() {
  return {{{"stop pid 7", R"({"pid":7})", R"({"alive":0})", core::Confirmable::Yes}}, {}, "stop"};
}

}  // namespace

TEST_CASE("plan hash: it says what is wanted, not what was seen") {
  const std::string hash = plan_hash(kAction, kTarget, plan());
  CHECK(hash.size() == 16);
  core::Plan again = plan();
  again.steps[0].name = "stop pid 8";
  again.steps[0].seen = R"({"pid":8})";
  CHECK(plan_hash(kAction, kTarget, again) == hash);
}

TEST_CASE("plan hash: another action, target, state or number of steps is another plan") {
  const std::string hash = plan_hash(kAction, kTarget, plan());
  CHECK(plan_hash({"exec", "{}"}, kTarget, plan()) != hash);
  CHECK(plan_hash({"process_restart", R"({"clear":["/x"]})"}, kTarget, plan()) != hash);
  CHECK(plan_hash(kAction, {core::TargetKind::Collector, "orders", "h2", "g"}, plan()) != hash);
  core::Plan other = plan();
  other.steps[0].wanted = R"({"alive":1})";
  CHECK(plan_hash(kAction, kTarget, other) != hash);
  other = plan();
  other.steps.push_back(other.steps[0]);
  CHECK(plan_hash(kAction, kTarget, other) != hash);
  other = plan();
  other.steps[0].confirmable = core::Confirmable::AtMostOnce;
  CHECK(plan_hash(kAction, kTarget, other) != hash);
}
