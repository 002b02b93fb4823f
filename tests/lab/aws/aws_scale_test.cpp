// scale_out of an Auto Scaling group, against the tests' endpoint, which verifies each signature.
#include "remediator/actions/aws_scale.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr const char* kToken = "t0k3n/of+a=session";

// The machine's clock, set otherwise.
class OffClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady() const override { return real_.steady(); }
  [[nodiscard]] WallTime wall() const override { return real_.wall() + off; }
  [[nodiscard]] BootTime boot() const override { return real_.boot(); }
  std::chrono::milliseconds off{0};

 private:
  SystemClock real_;
};

struct Scale {
  Scale() {
    has_credentials(kSecret, kToken);
    const auto port = program.port();
    INFO(program.errors());
    REQUIRE(port);
    url = fmt::format("http://127.0.0.1:{}", *port);
  }
  void has_credentials(const std::string& secret, const std::string& token) const {
    tree.write("aws", fmt::format("[default]\naws_access_key_id = AKIDEXAMPLE\n"
                                  "aws_secret_access_key = {}\naws_session_token = {}\n",
                                  secret, token));
  }
  std::unique_ptr<Action> action() {
    ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    tools.http = &http;
    return make_aws_scale({name,
                           {.region = region,
                            .endpoint = url,
                            .ca_file = "",
                            .credentials = {(tree.root / "aws").string(), "default", metadata}}},
                          terms, tools);
  }
  Result<core::Plan> plan(std::vector<core::Plan> made = {}) {
    return action()->plan({kOrders, {}, std::move(made)}, {});
  }
  Result<core::Plan> plan_undo(const core::Plan& made) {
    return action()->plan_undo({kOrders, {}, own_attempt(), made, left}, {});
  }
  core::Plan right(Result<core::Plan> plan) {
    INFO((plan ? std::string() : plan.error().message));
    REQUIRE(plan);
    return *plan;
  }
  ApplyAnswer apply(const core::Plan& plan, std::chrono::milliseconds timeout = 60s) {
    return action()->apply({own_attempt(), kOrders, plan, 0, timeout}, {});
  }
  ConfirmAnswer confirm(const core::Plan& plan) {
    auto answer = action()->confirm({own_attempt(), kOrders, plan, 0, {}}, {});
    if (!answer.left.empty()) left.push_back(answer.left);
    return answer;
  }
  bool is_done(const core::Plan& plan) {
    return eventually([&] { return confirm(plan).answer == Confirmed::Applied; });
  }
  // What has happened so far, after `order` was followed.
  Json control(const Json& order = Json::object()) {
    HttpRequest request;
    request.method = "POST";
    request.url = url + "/control";
    request.timeout = 60s;
    request.body = order.dump();
    const auto answer = http.send(request, {});
    INFO((answer ? answer->body : answer.error().message));
    REQUIRE(answer);
    REQUIRE(answer->status == 200);
    return Json::parse(answer->body);
  }
  void group(const Json& says) { control({{"group", says}}); }
  void fails(const char* action, const char* when, const Json& how) {
    control({{"fault", {{"action", action}, {when, how}}}});
  }

  TempTree tree;
  ChildProgram program{
      {"/usr/bin/python3", "-B", FIELDMEDIC_SOURCE_DIR "/tests/fakes/aws_auto_scaling.py", "0.1"}};
  std::string url;
  CurlHttpClient http;
  FakeRunner runner;
  FakeSystemd systemd;
  OffClock clock;
  std::vector<std::string> left;
  std::string name = "orders";
  std::string region = "cn-north-1";
  std::string metadata;
  ScaleTerms terms{.max = 4, .step = 1};
};

}  // namespace

TEST_CASE("scale_out of an Auto Scaling group: to an absolute count, once, and back") {
  Scale scale;
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
  Scale scale;
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
  Scale scale;
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
  Scale scale;
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
  Scale scale;
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
  Scale scale;
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
  Scale scale;
  const core::Plan plan = scale.right(scale.plan());
  const auto answered = [&](int status, const char* code) {
    scale.fails("SetDesiredCapacity", "before", {status, code});
    const ApplyAnswer answer = scale.apply(plan);
    INFO(answer.evidence);
    CHECK_THAT(answer.evidence, Catch::Contains(code));
    // The endpoint sends back what it got.
    CHECK_THAT(answer.evidence, !Catch::Contains(kToken) && !Catch::Contains(kSecret) &&
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

TEST_CASE("scale_out of an Auto Scaling group: whose request it is") {
  Scale scale;
  const auto refused = [&](const char* why) {
    const auto plan = scale.plan();
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == Errc::Denied);
    CHECK_THAT(plan.error().message, Catch::Contains(why));
    CHECK_THAT(plan.error().message, !Catch::Contains(kSecret));
  };
  SECTION("another secret") {
    scale.has_credentials("another", kToken);
    refused("the secret access key does not fit");
  }
  SECTION("the role of the instance, whatever the file holds") {
    scale.has_credentials("another", kToken);
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
    scale.has_credentials(kSecret, "old");
    refused("renew them");
  }
  SECTION("none, where it is not temporary") {
    scale.has_credentials(kSecret, "");
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
