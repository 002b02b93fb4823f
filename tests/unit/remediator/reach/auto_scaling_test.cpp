// Auto Scaling of AWS: credentials, what is sent, and what answers and refusals mean.
#include "remediator/reach/auto_scaling.hpp"

#include "remediator/reach/aws_refusal.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using namespace std::chrono_literals;

constexpr const char* kCredentials =
    "# made by hand\n[other]\naws_access_key_id=O\naws_secret_access_key=o\r\n\n"
    "[ default ]\naws_access_key_id = AKID\n aws_secret_access_key= s3cr3t/ \n"
    "aws_session_token = t0k3n==\nregion = x\n";

const AwsCredentials kOurs{"AKID", Secret("s3cr3t/"), Secret("t0k3n==")};

std::string described(const std::string& inside) {
  return "<?xml version=\"1.0\"?><DescribeAutoScalingGroupsResponse xmlns=\"x\">"
         "<DescribeAutoScalingGroupsResult><AutoScalingGroups>" +
         inside +
         "</AutoScalingGroups></DescribeAutoScalingGroupsResult>"
         "</DescribeAutoScalingGroupsResponse>";
}

std::string instance(const std::string& state, const std::string& health) {
  return "<member><LifecycleState>" + state + "</LifecycleState><HealthStatus>" + health +
         "</HealthStatus></member>";
}

std::string orders(const std::string& desired, const std::string& more = "") {
  return "<member><AutoScalingGroupName>orders</AutoScalingGroupName><MinSize>1</MinSize>"
         "<MaxSize>4</MaxSize><DesiredCapacity>" +
         desired + "</DesiredCapacity>" + more + "</member>";
}

std::string refusal(const std::string& code, const std::string& message = "m") {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message +
         "</Message></Error></ErrorResponse>";
}

}  // namespace

TEST_CASE("aws credentials: of a profile, trimmed") {
  const auto ours = parse_aws_credentials(kCredentials, "default");
  REQUIRE(ours);
  CHECK(ours->access_key_id == "AKID");
  CHECK(ours->secret_access_key.reveal() == "s3cr3t/");
  CHECK(ours->session_token.reveal() == "t0k3n==");
  const auto other = parse_aws_credentials(kCredentials, "other");
  REQUIRE(other);
  CHECK(other->secret_access_key.reveal() == "o");
  CHECK(other->session_token.empty());
}

TEST_CASE("aws credentials: what is none is refused, and not shown") {
  const std::pair<const char*, const char*> cases[] = {
      {"", "wants an access key id"},
      {"[default]\naws_access_key_id = A\n", "wants an access key id"},
      {"[default]\n#aws_access_key_id = A\naws_secret_access_key = s3cr3t\n", "wants an access"},
      {"aws_access_key_id = A\naws_secret_access_key = s3cr3t\n", "wants an access key id"},
      {"[default]\naws_access_key_id = A B\naws_secret_access_key = s3cr3t\n", "no credentials"},
      {"[default]\naws_access_key_id = A/B\naws_secret_access_key = s3cr3t\n", "no credentials"},
      {"[default]\naws_access_key_id = A\naws_secret_access_key = s3cr3t\taws\n", "no credential"},
  };
  for (const auto& [text, why] : cases) {
    INFO(text);
    const auto read = parse_aws_credentials(text, "default");
    REQUIRE_FALSE(read);
    CHECK_THAT(read.error().message, Catch::Contains(why) && Catch::Contains("'default'"));
    CHECK_THAT(read.error().message, !Catch::Contains("s3cr3t"));
  }
}

TEST_CASE("auto scaling: a group is read with its counts") {
  const std::string instances =
      "<Instances>" + instance("InService", "Healthy") + instance("InService", "Unhealthy") +
      instance("Pending", "Healthy") + instance("Standby", "Healthy") +
      instance("Terminating:Wait", "Healthy") +
      "</Instances><SuspendedProcesses><member>"
      "<ProcessName>AZRebalance</ProcessName></member></SuspendedProcesses>";
  const auto group = read_scaling_group("orders", described("<member><AutoScalingGroupName>orders2"
                                                            "</AutoScalingGroupName></member>" +
                                                            orders("3", instances)));
  REQUIRE(group);
  CHECK(group->text() ==
        "3 desired (1 to 4), 1 in service and healthy, 1 in standby; suspended: AZRebalance");
  CHECK(group->in_service == 2);
  CHECK(group->suspends("AZRebalance"));
  CHECK_FALSE(group->suspends("Launch"));
  CHECK(group->status.empty());
}

TEST_CASE("auto scaling: an answer that says less is no answer") {
  const std::pair<std::string, Errc> cases[] = {
      {described(""), Errc::NotFound},
      {described(orders("3", "")) + "<", Errc::Malformed},
      {described(orders("-1")), Errc::Malformed},
      {described(orders("3 ")), Errc::Malformed},
      {described(orders("")), Errc::Malformed},
      {described(orders("99999999999999999999")), Errc::Malformed},
      {"<html/>", Errc::Malformed},
      {"", Errc::Malformed},
      {"<!DOCTYPE a [<!ENTITY b \"bb\">]>" + described(orders("&b;")), Errc::Malformed},
      {std::string("\0\xff\xfe", 3), Errc::Malformed},
  };
  for (const auto& [xml, code] : cases) {
    INFO(xml);
    const auto group = read_scaling_group("orders", xml);
    REQUIRE_FALSE(group);
    CHECK(group.error().code == code);
  }
}

TEST_CASE("auto scaling: deep nesting is read or refused, never a crash") {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  CHECK_FALSE(read_scaling_group("orders", deep));
}

TEST_CASE("auto scaling: policies at work") {
  const auto answer = [](const std::string& inside, const std::string& after = "") {
    return "<DescribePoliciesResponse><DescribePoliciesResult><ScalingPolicies>" + inside +
           "</ScalingPolicies>" + after + "</DescribePoliciesResult></DescribePoliciesResponse>";
  };
  const auto policy = [](const std::string& type, const std::string& enabled) {
    return "<member><PolicyName>p</PolicyName><PolicyType>" + type + "</PolicyType><Enabled>" +
           enabled + "</Enabled></member>";
  };
  ScalingGroup group{.name = "orders"};
  CHECK(read_policy_at_work(group, answer("")) == "");
  CHECK(read_policy_at_work(group, answer(policy("StepScaling", "false"))) == "");
  CHECK(read_policy_at_work(group, answer(policy("StepScaling", "true"))) == "p");
  CHECK(read_policy_at_work(group, answer(policy("TargetTrackingScaling", ""))) == "p");
  group.suspended = {"AlarmNotification"};
  CHECK(read_policy_at_work(group, answer(policy("TargetTrackingScaling", "true"))) == "");
  CHECK(read_policy_at_work(group, answer(policy("PredictiveScaling", "true"))) == "p");
  CHECK(read_policy_at_work(group, answer("", "<NextToken>n</NextToken>")).error().code ==
        Errc::TooLarge);
  CHECK(read_policy_at_work(group, "<a/>").error().code == Errc::Malformed);
}

TEST_CASE("auto scaling: why an instance does not come") {
  const auto answer = [](const std::string& inside) {
    return "<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities>" +
           inside +
           "</Activities></DescribeScalingActivitiesResult>"
           "</DescribeScalingActivitiesResponse>";
  };
  const std::string failed =
      "<member><StatusCode>Failed</StatusCode><StatusMessage>no\nroom</StatusMessage></member>";
  const std::string done = "<member><StatusCode>Successful</StatusCode></member>";
  const ScalingGroup group{.name = "orders"};
  CHECK(read_newest_failure(group, answer(failed + done)) == "no room");
  CHECK(read_newest_failure(group, answer(done + failed)) == "");
  CHECK(read_newest_failure(group, answer("")) == "");
  CHECK(read_newest_failure(group, "<a/>").error().code == Errc::Malformed);
}

TEST_CASE("auto scaling: what a refusal means, by its code") {
  struct Case {
    int status;
    std::string body;
    Errc code;
    const char* says;
  };
  const Case cases[] = {
      {400, refusal("Throttling"), Errc::Unavailable, "asked less often"},
      {503, refusal("RequestLimitExceeded"), Errc::Unavailable, "asked less often"},
      {429, "slow down", Errc::Unavailable, "429"},
      {400, refusal("ScalingActivityInProgress"), Errc::Conflict, "under way"},
      {500, refusal("ResourceContention"), Errc::Conflict, "under way"},
      {403, refusal("ExpiredToken"), Errc::Denied, "renew them"},
      {403, refusal("AccessDenied"), Errc::Denied, "docs/actions.md"},
      {403, refusal("SignatureDoesNotMatch"), Errc::Denied, "secret access key does not fit"},
      {403, refusal("SignatureDoesNotMatch", "Signature expired: now"), Errc::Denied,
       "here it is Wed, 18 Nov 2026 11:23:20 GMT, there Wed, 18 Nov 2026 11:00:00 GMT"},
      {403, refusal("RequestTimeTooSkewed"), Errc::Denied, "clock right"},
      {400, refusal("RequestExpired"), Errc::Denied, "clock right"},
      {400, refusal("ValidationError", "above max"), Errc::Invalid, "(above max)"},
      {418, "", Errc::Invalid, "418"},
      {408, "", Errc::Io, "408"},
      {500, refusal("InternalFailure"), Errc::Io, "InternalFailure"},
      {307, "", Errc::Io, "307"},
  };
  ManualClock clock;
  for (const Case& c : cases) {
    INFO(c.status << " " << c.body);
    const Error error =
        explain_aws_refusal({c.status, c.body, {{"date", "Wed, 18 Nov 2026 11:00:00 GMT"}}}, "set",
                            kOurs, clock.wall());
    CHECK(error.code == c.code);
    CHECK_THAT(error.message, Catch::StartsWith("set: AWS answered ") && Catch::Contains(c.says));
  }
}

TEST_CASE("auto scaling: no refusal shows a credential") {
  for (const std::string& body :
       {refusal("AccessDenied", "you said s3cr3t/ and t0k3n== of AKID"),
        std::string(290, ' ') + "s3cr3t/", refusal("s3cr3t/"), std::string("t0k3n==t0k3n==")}) {
    const std::string said = explain_aws_refusal({403, body, {}}, "set", kOurs, {}).message;
    INFO(said);
    CHECK_THAT(said,
               !Catch::Contains("s3cr") && !Catch::Contains("t0k3n") && !Catch::Contains("AKID"));
  }
}

TEST_CASE("auto scaling: what is sent") {
  const TempTree tree{{{"aws", kCredentials}}};
  ManualClock clock;
  FakeHttp http;
  AutoScaling aws({.region = "cn-north-1",
                   .endpoint = "",
                   .ca_file = "",
                   .credentials = {(tree.root / "aws").string(), "default"}},
                  http, clock);
  http.answer(200, "<SetDesiredCapacityResponse/>");
  CHECK(aws.set_desired("a b", 3, 2s, {}));
  REQUIRE(http.sent().size() == 1);
  const HttpRequest sent = http.sent().front();
  CHECK(sent.method == "POST");
  CHECK(sent.url == "https://autoscaling.cn-north-1.amazonaws.com.cn/");
  CHECK(sent.body ==
        "Action=SetDesiredCapacity&AutoScalingGroupName=a%20b&DesiredCapacity=3&"
        "HonorCooldown=false&Version=2011-01-01");
  CHECK(sent.timeout == 2s);
  CHECK(sent.headers.at(0) ==
        std::pair<std::string, std::string>("Host", "autoscaling.cn-north-1.amazonaws.com.cn"));
  CHECK(sent.headers.at(3).second == "t0k3n==");

  http.answer(200, "<html/>");
  CHECK(aws.set_desired("a", 3, 2s, {}).error().code == Errc::Malformed);
  http.answer(fail(Errc::NotFound, "no such name"));
  CHECK(aws.group("a", {}).error().code == Errc::Unavailable);
  tree.write("aws", "");
  CHECK(aws.group("a", {}).error().code == Errc::Denied);
  CHECK(http.sent().size() == 3);
  CHECK(auto_scaling_endpoint("us-east-1") == "https://autoscaling.us-east-1.amazonaws.com");
}

}  // namespace fieldmedic
