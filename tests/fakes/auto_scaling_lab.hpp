// scale_out of an Auto Scaling group, at the tests' endpoint, which verifies each signature.
#pragma once

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/actions/aws_scale.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

inline constexpr const char* kAwsSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
inline constexpr const char* kAwsToken = "t0k3n/of+a=session";

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

struct AutoScalingLab {
  AutoScalingLab() {
    has_credentials(kAwsSecret, kAwsToken);
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
  ApplyAnswer apply(const core::Plan& plan,
                    std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    return action()->apply({own_attempt(), kOrders, plan, 0, timeout}, {});
  }
  ConfirmAnswer confirm(const core::Plan& plan) {
    auto answer = action()->confirm({own_attempt(), kOrders, plan, 0, {}}, {});
    if (!answer.left.empty()) left.push_back(answer.left);
    return answer;
  }
  bool is_done(const core::Plan& plan) {
    return eventually([&] { return confirm(plan).answer == core::Confirmed::Applied; });
  }
  // What has happened so far, after `order` was followed.
  nlohmann::json control(const nlohmann::json& order = nlohmann::json::object()) {
    HttpRequest request;
    request.method = "POST";
    request.url = url + "/control";
    request.timeout = std::chrono::seconds(60);
    request.body = order.dump();
    const auto answer = http.send(request, {});
    INFO((answer ? answer->body : answer.error().message));
    REQUIRE(answer);
    REQUIRE(answer->status == 200);
    return nlohmann::json::parse(answer->body);
  }
  void group(const nlohmann::json& says) { control({{"group", says}}); }
  void fails(const char* action, const char* when, const nlohmann::json& how) {
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

}  // namespace fieldmedic
