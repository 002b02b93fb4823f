// host_reboot on the remediator's own host: what it refuses, what it does in which order, and what
// it takes for a proof.
#include "remediator/actions/host_reboot.hpp"

#include <nlohmann/json.hpp>

#include "remediator/actions/actions.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmable;
using core::Confirmed;
using Json = nlohmann::json;

constexpr const char* kBoot = "0d5d2a9c-0000-4000-8000-00000000000b";
constexpr const char* kNextBoot = "11111111-2222-4333-8444-555555555555";
const core::Target kHost{core::TargetKind::Host, "", "lab", "local"};
const Json kDrained{{"drain", {"/bin/drain", "{{ target.host }}"}}};

struct Lab {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  TempTree tree;

  Lab() {
    systemd.state = {.id = "reboot.target",
                     .load_state = "loaded",
                     .active_state = "inactive",
                     .sub_state = "dead",
                     .invocation_id = "",
                     .result = "",
                     .restarts = 0,
                     .job = 0};
    booted(kBoot);
  }
  void booted(const std::string& id) { tree.write("sys/kernel/random/boot_id", id + "\n"); }

  std::unique_ptr<Action> action(Json arguments) {
    for (const char* key : {"without_drain", "own_host"})
      if (!arguments.contains(key)) arguments[key] = std::string_view(key) == "own_host";
    if (!arguments.contains("drain")) arguments["drain"] = Json::array();
    ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    tools.host.procfs = tree.root;
    return make_host_reboot(arguments.dump(), tools).value();
  }
  std::vector<std::string> programs() {
    std::vector<std::string> names;
    for (const Command& call : runner.calls()) names.push_back(call.argv.front());
    return names;
  }
};

ApplyRequest request(const core::Plan& plan, std::size_t step) {
  return {"test-1-1", kHost, plan, step, std::chrono::milliseconds(40'000)};
}

std::string errors_of(std::string_view yaml) {
  ConfigErrors errors;
  const YamlMap map = parse_yaml("t.yml", yaml, errors);
  (void)read_action(map);
  return errors.text();
}

}  // namespace

TEST_CASE("host_reboot wants a drain, or that it is said that none is needed") {
  CHECK(errors_of("{host_reboot: {drain: [/bin/drain]}}").empty());
  CHECK(errors_of("{host_reboot: {without_drain: allowed}}").empty());
  const std::pair<const char*, const char*> cases[] = {
      {"{host_reboot: {}}", "t.yml:1:15: host_reboot wants 'drain', a program that hands over"},
      {"{host_reboot: {without_drain: refused}}", "host_reboot wants 'drain'"},
      {"{host_reboot: {drain: [drain]}}", "the program must be an absolute path"},
      {"{host_reboot: {drain: ['/bin/{{ labels.x }}']}}", "the program may hold no placeholder"},
      {"{host_reboot: {drain: [/bin/drain, '{{ target.pid }}']}}", "unknown placeholder"},
      {"{host_reboot: {without_drain: yes}}", "'without_drain' wants one of refused, allowed"},
      {"{host_reboot: {drain: [/bin/drain], own_host: ja}}", "'own_host' wants one of"},
      {"{host_reboot: {drain: [/bin/drain], argv: [x]}}", "unknown key 'argv'"},
  };
  for (const auto& [yaml, error] : cases) {
    INFO(yaml << "\n" << errors_of(yaml));
    CHECK(errors_of(yaml).find(error) != std::string::npos);
  }
}

TEST_CASE("host_reboot plans the drain first, of this boot, and touches the whole host") {
  Lab lab;
  const auto plan = lab.action(kDrained)->plan({kHost, {}}, {}).value();
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].name == "drain by /bin/drain");
  CHECK(Json::parse(plan.steps[0].wanted) ==
        Json{{"drain", {"/bin/drain", "lab"}}, {"without", "refused"}});
  CHECK(plan.steps[0].confirmable == Confirmable::AtMostOnce);
  CHECK(plan.steps[1].name == "reboot lab");
  CHECK(Json::parse(plan.steps[1].seen) == Json{{"boot_id", kBoot}, {"reached", "here"}});
  CHECK(plan.steps[1].confirmable == Confirmable::Yes);
  CHECK(plan.resources == std::vector<std::string>{"host/lab"});
  CHECK_FALSE(plan.lease);
  CHECK(lab.runner.calls().empty());

  const auto bare = lab.action({{"without_drain", true}})->plan({kOrders, {}}, {}).value();
  REQUIRE(bare.steps.size() == 1);
  CHECK(bare.summary.ends_with("without a drain"));
  Json both = kDrained;
  both["without_drain"] = true;
  CHECK(lab.action(both)->plan({kHost, {}}, {}).value().steps[0].confirmable == Confirmable::Yes);
}

TEST_CASE("host_reboot makes no plan where it must not, or cannot tell") {
  const auto code = [](Lab& lab, const Json& arguments, const core::Target& target) {
    const auto plan = lab.action(arguments)->plan({target, {}}, {});
    return plan ? std::optional<Errc>() : std::optional(plan.error().code);
  };
  Lab lab;
  Json away = kDrained;
  away["own_host"] = false;
  CHECK(code(lab, away, kHost) == Errc::Denied);
  CHECK(code(lab, kDrained, {core::TargetKind::Group, "", "", "local"}) == Errc::Invalid);
  CHECK(code(lab, {{"drain", {"/bin/drain", "{{ target.name }}"}}}, kHost) == Errc::Invalid);
  lab.systemd.state.job = 7;
  CHECK(code(lab, kDrained, kHost) == Errc::Conflict);
  lab.systemd.state.job = 0;
  lab.systemd.state.load_state = "masked";
  CHECK(code(lab, kDrained, kHost) == Errc::Conflict);
  lab.systemd.unreachable = Error{Errc::Unavailable, "no bus"};
  CHECK(code(lab, kDrained, kHost) == Errc::Unavailable);
  lab.booted("");
  CHECK(code(lab, kDrained, kHost) == Errc::Unavailable);
}

TEST_CASE("host_reboot goes on without its drain only where that is allowed") {
  struct Case {
    Result<ProcessResult> drained;
    Applied refused;
    Applied allowed;
  };
  const Case cases[] = {
      {ProcessResult{}, Applied::Done, Applied::Done},
      {ProcessResult{1, 0, "", "still serving"}, Applied::Refused, Applied::Done},
      {ProcessResult{0, 9, "", ""}, Applied::Unknown, Applied::Done},
      {fail(Errc::NotFound, "no /bin/drain"), Applied::Refused, Applied::Done},
      {fail(Errc::Timeout, "no end in 40s"), Applied::Unknown, Applied::Done},
  };
  for (const Case& c : cases) {
    for (const bool allowed : {false, true}) {
      Lab lab;
      Json arguments = kDrained;
      arguments["without_drain"] = allowed;
      const auto action = lab.action(arguments);
      const auto plan = action->plan({kHost, {}}, {}).value();
      lab.runner.answer(c.drained);
      const auto answer = action->apply(request(plan, 0), {});
      INFO(answer.evidence);
      CHECK(answer.outcome == (allowed ? c.allowed : c.refused));
      const auto call = lab.runner.calls().back();
      CHECK(call.argv == std::vector<std::string>{"/bin/drain", "lab"});
      CHECK(call.environment == std::vector<std::string>{"FIELDMEDIC_ATTEMPT=test-1-1"});
      const Confirmed after = allowed ? Confirmed::Applied : Confirmed::Unknown;
      CHECK(action->confirm(request(plan, 0), {}).answer == after);
    }
  }
}

TEST_CASE("host_reboot flushes, then orders, and leaves what came of it to a look") {
  struct Case {
    Result<ProcessResult> synced;
    bool allowed;
    Result<ProcessResult> ordered;
    Applied outcome;
    std::size_t programs;
  };
  const Case cases[] = {
      {ProcessResult{}, false, ProcessResult{}, Applied::Done, 2},
      {fail(Errc::Timeout, "hangs"), false, ProcessResult{}, Applied::Refused, 1},
      {fail(Errc::Timeout, "hangs"), true, ProcessResult{}, Applied::Done, 2},
      {ProcessResult{1, 0, "", "EIO"}, false, ProcessResult{}, Applied::Refused, 1},
      {ProcessResult{}, false, ProcessResult{1, 0, "", "denied"}, Applied::Unknown, 2},
      {ProcessResult{}, false, fail(Errc::Timeout, "hangs"), Applied::Unknown, 2},
  };
  for (const Case& c : cases) {
    Lab lab;
    Json arguments = kDrained;
    arguments["without_drain"] = c.allowed;
    const auto action = lab.action(arguments);
    const auto plan = action->plan({kHost, {}}, {}).value();
    lab.runner.answer(c.synced);
    lab.runner.answer(c.ordered);
    const auto answer = action->apply(request(plan, 1), {});
    INFO(answer.evidence);
    CHECK(answer.outcome == c.outcome);
    const std::vector<std::string> both{"sync", "/usr/bin/systemctl"};
    CHECK(lab.programs() == std::vector(both.data(), both.data() + c.programs));
    if (c.programs == 2) CHECK(lab.runner.calls().back().argv.back() == "reboot.target");
  }
}

TEST_CASE("host_reboot changes nothing on another boot than it planned for, nor once cancelled") {
  Lab lab;
  const auto action = lab.action(kDrained);
  const auto plan = action->plan({kHost, {}}, {}).value();
  std::stop_source stop;
  stop.request_stop();
  for (const std::size_t step : {0U, 1U}) {
    CHECK(action->apply(request(plan, step), stop.get_token()).outcome == Applied::Refused);
  }
  lab.booted(kNextBoot);
  for (const std::size_t step : {0U, 1U}) {
    CHECK(action->apply(request(plan, step), {}).outcome == Applied::WorldDiffers);
  }
  lab.booted("");
  for (const std::size_t step : {0U, 1U}) {
    CHECK(action->apply(request(plan, step), {}).outcome == Applied::Refused);
  }
  CHECK(lab.runner.calls().empty());
}

TEST_CASE("host_reboot takes another boot id, and nothing else, for a reboot") {
  struct Case {
    const char* boot_id;
    std::uint32_t job;
    const char* active;
    std::optional<Error> systemd;
    Confirmed answer;
  };
  const Error away{Errc::Unavailable, "no bus"};
  const Case cases[] = {
      {kNextBoot, 0, "inactive", {}, Confirmed::Applied},
      {kNextBoot, 0, "inactive", away, Confirmed::Applied},
      {kBoot, 9, "inactive", {}, Confirmed::InProgress},
      {kBoot, 0, "active", {}, Confirmed::InProgress},
      {kBoot, 0, "inactive", {}, Confirmed::NotApplied},
      {kBoot, 0, "inactive", away, Confirmed::Unknown},
      {"", 0, "inactive", {}, Confirmed::Unknown},
  };
  for (const Case& c : cases) {
    Lab lab;
    const auto action = lab.action(kDrained);
    const auto plan = action->plan({kHost, {}}, {}).value();
    lab.booted(c.boot_id);
    lab.systemd.state.job = c.job;
    lab.systemd.state.active_state = c.active;
    lab.systemd.unreachable = c.systemd;
    const auto answer = action->confirm(request(plan, 1), {});
    INFO(answer.evidence);
    CHECK(answer.answer == c.answer);
  }
  Lab lab;
  Json allowed = kDrained;
  allowed["without_drain"] = true;
  const auto action = lab.action(allowed);
  const auto plan = action->plan({kHost, {}}, {}).value();
  lab.booted(kNextBoot);
  CHECK(action->confirm(request(plan, 0), {}).answer == Confirmed::NotApplied);
}

}  // namespace fieldmedic
