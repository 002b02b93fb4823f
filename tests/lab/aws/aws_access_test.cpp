// Auto Scaling: as whom it is asked, and what of that is refused.
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/auto_scaling_lab.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using namespace std::chrono_literals;

}  // namespace

TEST_CASE("scale_out of an Auto Scaling group: whose request it is") {
  AutoScalingLab scale;
  const auto refused = [&](const char* why) {
    const auto plan = scale.plan();
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == Errc::Denied);
    CHECK_THAT(plan.error().message, Catch::Contains(why));
    CHECK_THAT(plan.error().message, !Catch::Contains(kAwsSecret));
  };
  SECTION("another secret") {
    scale.has_credentials("another", kAwsToken);
    refused("the secret access key does not fit");
  }
  SECTION("the role of the instance, whatever the file holds") {
    scale.has_credentials("another", kAwsToken);
    scale.metadata = scale.url;
    const core::Plan plan = scale.right(scale.plan());
    CHECK(scale.apply(plan).outcome == Applied::Done);
  }
  SECTION("a role of an instance that has none") {
    scale.metadata = scale.url;
    scale.control({{"role", ""}});
    refused("this instance has no role");
  }
  SECTION("an expired token") {
    scale.has_credentials(kAwsSecret, "old");
    refused("renew them");
  }
  SECTION("none, where it is not temporary") {
    scale.has_credentials(kAwsSecret, "");
    CHECK(scale.plan());
  }
  SECTION("another region") {
    scale.region = "us-east-1";
    refused("the region or the endpoint is another");
  }
  SECTION("a clock that is wrong") {
    scale.clock.off = -6min;
    refused("set this host's clock right");
  }
  SECTION("a right that is missing") {
    scale.control({{"forbid", {"DescribePolicies"}}});
    refused("autoscaling:DescribePolicies");
  }
}

}  // namespace fieldmedic
