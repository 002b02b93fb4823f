#include "remediator/actions/exec.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using Json = nlohmann::json;

struct Lab {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;

  std::unique_ptr<Action> action(const Json& argv, const Json& environment = Json::array()) {
    const ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    return make_exec(Json{{"argv", argv}, {"environment", environment}}.dump(), tools).value();
  }
  ApplyAnswer apply(Result<ProcessResult> result) {
    runner.answer(std::move(result));
    const auto exec = action({"/bin/fix"}, {"MODE=fast"});
    const auto plan = exec->plan({kOrders, {}}, {}).value();
    return exec->apply({"test-1-1", kOrders, plan, 0, std::chrono::milliseconds(7'000)}, {});
  }
};

}  // namespace

TEST_CASE("exec fills placeholders into single arguments") {
  Lab lab;
  const auto exec =
      lab.action({"/bin/fix", "{{ target.name }}@{{ target.host }}", "--shard={{ labels.shard }}",
                  "{{ target.group }}", "plain text; $x"});
  const auto plan = exec->plan({kOrders, {{"shard", "a/7"}, {"unused", "; rm -rf /"}}}, {});
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.size() == 1);
  CHECK(Json::parse(plan->steps[0].wanted)["argv"] ==
        Json({"/bin/fix", "orders@lab", "--shard=a/7", "local", "plain text; $x"}));
  CHECK(plan->steps[0].confirmable == core::Confirmable::AtMostOnce);
  CHECK(plan->resources == std::vector<std::string>{"host/lab"});
  CHECK(plan->summary == "run /bin/fix orders@lab --shard=a/7 local plain text; $x");
  CHECK(plan->steps[0].name == plan->summary);
}

TEST_CASE("exec says what it would run in one line of bounded length") {
  Lab lab;
  const std::string script = "echo a\n" + std::string(1'000, 'x');
  const auto plan = lab.action({"/bin/sh", "-c", script})->plan({kOrders, {}}, {});
  REQUIRE(plan.has_value());
  CHECK(plan->summary.starts_with("run /bin/sh -c echo a xxx"));
  CHECK(plan->summary.size() < 200);
  CHECK(Json::parse(plan->steps[0].wanted)["argv"][2] == script);
}

TEST_CASE("exec refuses hostile label values by name") {
  for (const char* value : {"", "a b", "$(reboot)", "-rf", "/etc/passwd", "../x", "a;b", "a\nb",
                            "a|b", "`id`", "{{ target.name }}", "\xff"}) {
    INFO(value);
    Lab lab;
    const auto plan =
        lab.action({"/bin/fix", "x{{ labels.shard }}"})->plan({kOrders, {{"shard", value}}}, {});
    REQUIRE_FALSE(plan.has_value());
    CHECK(plan.error().code == Errc::Invalid);
    CHECK(plan.error().message.find("labels.shard") == 0);
  }
  Lab lab;
  const auto missing = lab.action({"/bin/fix", "{{ labels.shard }}"})->plan({kOrders, {}}, {});
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().message == "the alert has no label 'shard'");
  core::Target host{core::TargetKind::Host, "", "lab", "local"};
  CHECK_FALSE(lab.action({"/bin/fix", "{{ target.name }}"})->plan({host, {}}, {}).has_value());
}

TEST_CASE("exec runs what was planned with the attempt in its environment") {
  Lab lab;
  CHECK(lab.apply(ProcessResult{}).outcome == Applied::Done);
  const auto calls = lab.runner.calls();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].argv == std::vector<std::string>{"/bin/fix"});
  CHECK(calls[0].environment ==
        std::vector<std::string>{"FIELDMEDIC_ATTEMPT=test-1-1", "MODE=fast"});
  CHECK(calls[0].timeout == std::chrono::milliseconds(7'000));
}

TEST_CASE("exec runs nothing once it was cancelled") {
  Lab lab;
  const auto exec = lab.action({"/bin/fix"});
  const auto plan = exec->plan({kOrders, {}}, {}).value();
  std::stop_source stop;
  stop.request_stop();
  const auto answer =
      exec->apply({"test-1-1", kOrders, plan, 0, std::chrono::seconds(7)}, stop.get_token());
  CHECK(answer.outcome == Applied::Refused);
  CHECK(answer.evidence == "cancelled before anything was changed");
  CHECK(lab.runner.calls().empty());
}

TEST_CASE("exec tells each way of ending") {
  struct Case {
    const char* name;
    Result<ProcessResult> result;
    Applied want;
    const char* evidence;
  };
  const Case cases[] = {
      {"success", ProcessResult{0, 0, "out", "err"}, Applied::Done, "exited with 0"},
      {"failure", ProcessResult{3, 0, "out", "no\x1b[31m\nway"}, Applied::Refused,
       R"(exited with 3 and printed at its end: "no\u001b[31m\nway")"},
      {"only stdout", ProcessResult{1, 0, "out", ""}, Applied::Refused, R"("out")"},
      {"silent failure", ProcessResult{1, 0, "", ""}, Applied::Refused, "printed nothing"},
      {"signal", ProcessResult{0, 11, "", ""}, Applied::Unknown, "signal 11"},
      {"not there", fail(Errc::NotFound, "no /bin/fix"), Applied::Refused, "no /bin/fix"},
      {"timeout", fail(Errc::Timeout, "no end in 7s"), Applied::Unknown, "no end in 7s"},
      {"cancelled", fail(Errc::Cancelled, "stopped"), Applied::Unknown, "stopped"},
      {"lost", fail(Errc::Io, "wait failed"), Applied::Unknown, "wait failed"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Lab lab;
    const auto answer = lab.apply(c.result);
    CHECK(answer.outcome == c.want);
    CHECK(answer.evidence.find(c.evidence) != std::string::npos);
    CHECK(answer.evidence.find('\n') == std::string::npos);
  }
}

TEST_CASE("exec keeps only the end of a long output and cuts no character") {
  Lab lab;
  std::string text = "x";
  for (int i = 0; i < 2'000; ++i) text += "告";
  const auto answer = lab.apply(ProcessResult{1, 0, "", text});
  CHECK(answer.evidence.size() < 400);
  CHECK(answer.evidence.find("告") != std::string::npos);
  CHECK(answer.evidence.find("\xef\xbf\xbd") == std::string::npos);  // U+FFFD
}

TEST_CASE("exec never says that it was applied by looking") {
  Lab lab;
  const auto exec = lab.action({"/bin/fix"});
  const auto plan = exec->plan({kOrders, {}}, {}).value();
  CHECK(exec->confirm({"test-1-1", kOrders, plan, 0, {}}, {}).answer == core::Confirmed::Unknown);
  CHECK(lab.runner.calls().empty());
}

}  // namespace fieldmedic
