// scale_out of an Auto Scaling group: what it does, and what it makes of the answers.
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/auto_scaling_lab.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

}  // namespace

TEST_CASE("scale_out of an Auto Scaling group: to an absolute count, once, and back") {
  AutoScalingLab scale;
  const core::Plan plan = scale.right(scale.plan());
  CHECK(plan.summary ==
        "scale orders in cn-north-1 from 2 to 3 of at most 4 (2 desired (1 to 5), 2 in service "
        "and healthy)");
  REQUIRE(plan.lease);
  CHECK(plan.lease->resource == "aws/cn-north-1/auto-scaling/orders");
  CHECK(plan.resources == std::vector{plan.lease->resource});
  CHECK(scale.confirm(plan).answer == Confirmed::InProgress);  // it may still come
  scale.control({{"step", 600}});
  CHECK(scale.apply(plan).outcome == Applied::Done);
  CHECK(scale.confirm(plan).answer == Confirmed::InProgress);  // pending
  scale.control({{"step", 0.1}});
  CHECK(scale.is_done(plan));
  CHECK(scale.apply(plan).outcome == Applied::WorldDiffers);  // as after a crash
  // Planned once more by the same incident it goes no further.
  CHECK(scale.plan({plan}).error().code == Errc::Conflict);
  CHECK(scale.control()["sets"] == Json::array({3}));

  const core::Plan undo = scale.right(scale.plan_undo(plan));
  REQUIRE(undo.steps.size() == 1);
  CHECK_FALSE(undo.lease);
  CHECK(scale.apply(undo).outcome == Applied::Done);
  CHECK(scale.is_done(undo));
  CHECK(scale.right(scale.plan_undo(plan)).steps.empty());
  CHECK(scale.control()["sets"] == Json::array({3, 2}));
}

TEST_CASE("scale_out of an Auto Scaling group: no further than it may, and than it began") {
  AutoScalingLab scale;
  scale.terms.step = 3;
  const core::Plan plan = scale.right(scale.plan());
  CHECK(Json::parse(plan.steps.front().wanted)["desired"] == 4);  // ours
  scale.group({{"MaxSize", 3}});
  CHECK(Json::parse(scale.right(scale.plan()).steps.front().wanted)["desired"] == 3);  // AWS'
  scale.group({{"MaxSize", 5}, {"DesiredCapacity", 3}});
  scale.terms.step = 1;
  CHECK(Json::parse(scale.right(scale.plan({plan})).steps.front().wanted)["desired"] == 4);
  scale.group({{"DesiredCapacity", 4}});
  CHECK_THAT(scale.plan().error().message, Catch::Contains("at most 4 are allowed"));
  CHECK(scale.control()["sets"].empty());
}

TEST_CASE("scale_out of an Auto Scaling group: what is another's, or could not work, is left") {
  AutoScalingLab scale;
  const auto refused = [&](const char* why) {
    const auto plan = scale.plan();
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == Errc::Conflict);
    CHECK_THAT(plan.error().message, Catch::Contains(why));
  };
  SECTION("its own policy") {
    scale.control({{"policies", {{{"PolicyName", "cpu-50"}, {"Enabled", "true"}}}}});
    refused("by the policy cpu-50");
  }
  SECTION("launch is suspended") {
    scale.group({{"suspended", {"Launch"}}});
    refused("has Launch suspended");
  }
  SECTION("somebody ended all of it") {
    scale.group({{"MinSize", 0}, {"DesiredCapacity", 0}});
    refused("somebody ended all of it");
  }
  SECTION("it is being removed") {
    scale.group({{"Status", "Delete in progress"}});
    refused("Delete in progress");
  }
  SECTION("there is none") {
    scale.name = "orders2";
    CHECK(scale.plan().error().code == Errc::NotFound);
  }
  CHECK(scale.control()["sets"].empty());
}

TEST_CASE("scale_out of an Auto Scaling group: instances in standby are told, sick ones not done") {
  AutoScalingLab scale;
  scale.group({{"standby", 1}});
  const core::Plan plan = scale.right(scale.plan());
  CHECK_THAT(plan.summary, Catch::Contains("1 in standby"));
  REQUIRE(scale.apply(plan).outcome == Applied::Done);
  scale.group({{"sick", 1}});
  CHECK(eventually([&] {
    return scale.confirm(plan).evidence.starts_with("orders has 3 desired (1 to 5), 2 in");
  }));
  CHECK(scale.confirm(plan).answer == Confirmed::InProgress);
  scale.group({{"failure", "no t3.micro & no capacity in cn-north-1a"}});
  CHECK_THAT(scale.confirm(plan).evidence,
             Catch::EndsWith("; its newest activity failed: no t3.micro & no capacity in "
                             "cn-north-1a"));
  scale.control({{"forbid", {"DescribeScalingActivities"}}});
  CHECK(scale.confirm(plan).answer == Confirmed::InProgress);
  scale.group({{"sick", 0}});
  CHECK(scale.is_done(plan));
}

TEST_CASE("scale_out of an Auto Scaling group: changed by another between") {
  AutoScalingLab scale;
  const core::Plan plan = scale.right(scale.plan());
  SECTION("plan and apply") {
    scale.group({{"DesiredCapacity", 1}});
    CHECK(scale.apply(plan).outcome == Applied::WorldDiffers);
    CHECK(scale.confirm(plan).answer == Confirmed::NotApplied);
    CHECK(scale.control()["sets"].empty());
  }
  SECTION("apply and undo") {
    REQUIRE(scale.apply(plan).outcome == Applied::Done);
    scale.group({{"DesiredCapacity", 5}});
    CHECK(scale.plan_undo(plan).error().code == Errc::Conflict);
  }
  SECTION("apply and undo, its least") {
    REQUIRE(scale.apply(plan).outcome == Applied::Done);
    scale.group({{"MinSize", 3}});
    CHECK_THAT(scale.plan_undo(plan).error().message, Catch::Contains("no way back to 2"));
  }
  SECTION("a reload, which means another group") {
    scale.region = "us-east-1";
    CHECK(scale.apply(plan).outcome == Applied::Refused);
    CHECK(scale.confirm(plan).answer == Confirmed::Unknown);
    CHECK_FALSE(scale.plan_undo(plan));
  }
}

TEST_CASE("scale_out of an Auto Scaling group: an answer is lost") {
  AutoScalingLab scale;
  const core::Plan plan = scale.right(scale.plan());
  SECTION("after it was done") {
    scale.fails("SetDesiredCapacity", "after", "close");
    CHECK(scale.apply(plan).outcome == Applied::Unknown);
    CHECK(scale.is_done(plan));
    CHECK(scale.control()["sets"] == Json::array({3}));
  }
  SECTION("before it was done") {
    scale.fails("SetDesiredCapacity", "before", "close");
    CHECK(scale.apply(plan).outcome == Applied::Unknown);
    CHECK(scale.confirm(plan).answer == Confirmed::InProgress);
    // Nothing is there to be undone, but it is not known that it stays so.
    CHECK(scale.plan_undo(plan).error().code == Errc::Unavailable);
    scale.clock.off = 11min;
    scale.control({{"skew", 11 * 60}});
    CHECK(scale.right(scale.plan_undo(plan)).steps.empty());
    scale.control({{"skew", 0}});
    scale.clock.off = 41s;
    CHECK(scale.confirm(plan).answer == Confirmed::NotApplied);
    CHECK(scale.apply(plan).outcome == Applied::WorldDiffers);  // too late
    CHECK(scale.control()["sets"].empty());
  }
  SECTION("in what is no answer") {
    for (const char* how : {"not xml", "<a/>", "redirect", "endless"}) {
      INFO(how);
      scale.fails("SetDesiredCapacity", "before", how);
      CHECK(scale.apply(plan).outcome == Applied::Unknown);
    }
    CHECK(scale.control()["sets"].empty());
  }
  SECTION("in time") {
    scale.fails("SetDesiredCapacity", "before", 600);
    CHECK(scale.apply(plan, 5s).outcome == Applied::Unknown);
  }
}

TEST_CASE("scale_out of an Auto Scaling group: what AWS refuses changes nothing and is told") {
  AutoScalingLab scale;
  const core::Plan plan = scale.right(scale.plan());
  const auto answered = [&](int status, const char* code) {
    scale.fails("SetDesiredCapacity", "before", {status, code});
    const ApplyAnswer answer = scale.apply(plan);
    INFO(answer.evidence);
    CHECK_THAT(answer.evidence, Catch::Contains(code));
    // The endpoint sends back what it got.
    CHECK_THAT(answer.evidence, !Catch::Contains(kAwsToken) && !Catch::Contains(kAwsSecret) &&
                                    !Catch::Contains("AKIDEXAMPLE"));
    return answer.outcome;
  };
  CHECK(answered(400, "Throttling") == Applied::Refused);
  CHECK(answered(503, "RequestLimitExceeded") == Applied::Refused);
  CHECK(answered(400, "ScalingActivityInProgress") == Applied::WorldDiffers);
  CHECK(answered(403, "ExpiredToken") == Applied::Refused);
  CHECK(answered(500, "InternalFailure") == Applied::Unknown);
  scale.fails("DescribeAutoScalingGroups", "before", {400, "Throttling"});
  CHECK(scale.apply(plan).outcome == Applied::Refused);
  scale.fails("DescribeAutoScalingGroups", "before", {400, "Throttling"});
  CHECK(scale.plan().error().code == Errc::Unavailable);
  scale.fails("DescribeAutoScalingGroups", "before", {400, "Throttling"});
  CHECK(scale.confirm(plan).answer == Confirmed::Unknown);
  CHECK(scale.control()["sets"].empty());
}

}  // namespace fieldmedic
