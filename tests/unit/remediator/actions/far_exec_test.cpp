// exec on a host over SSH.
#include <nlohmann/json.hpp>

#include "remediator/actions/exec.hpp"
#include "remediator/reach/far_processes.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/manual_clock.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using Json = nlohmann::json;

constexpr const char* kBoot = "0d5d2a9c-0000-4000-8000-00000000000b";

struct Lab {
  FakeRunner here;
  std::shared_ptr<FakeRunner> far = std::make_shared<FakeRunner>();
  FakeSystemd systemd;
  ManualClock clock;
  core::Plan plan;
  std::unique_ptr<Action> exec = make();

  Lab() {
    far->answer(ProcessResult{.out = std::string(kBoot) + "\n", .err = {}});
    plan = exec->plan({kOrders, {}}, {}).value();
  }
  std::unique_ptr<Action> make() {
    ActionTools tools{here, clock, far_inventory_of({}), {}, systemd};
    tools.far = far_hosts_of(far);
    return make_exec(R"({"argv": ["/bin/fix", "{{ target.name }}"], "environment": ["A=b"]})",
                     tools)
        .value();
  }
  [[nodiscard]] ApplyRequest request() const {
    return {"test-1-1", kOrders, plan, 0, std::chrono::milliseconds(7'000)};
  }
  ApplyAnswer apply(Result<ProcessResult> result) {
    far->answer(std::move(result));
    return exec->apply(request(), {});
  }
  ConfirmAnswer confirm(const std::string& record) {
    far->answer(ProcessResult{.out = record, .err = {}});
    return exec->confirm(request(), {});
  }
};

std::string record(std::string_view rest) {
  return "boot " + std::string(kBoot) + "\n" + std::string(rest);
}
std::string began(std::string_view rest) {
  return record("began " + std::string(kBoot) + "\n" + std::string(rest));
}

}  // namespace

TEST_CASE("exec over SSH: runs over there, with a record, and can be confirmed") {
  Lab lab;
  CHECK(lab.plan.steps[0].confirmable == core::Confirmable::Yes);
  CHECK(Json::parse(lab.plan.steps[0].seen) == Json{{"boot_id", kBoot}});
  CHECK(lab.apply(ProcessResult{}).outcome == Applied::Done);
  CHECK(lab.here.calls().empty());
  const Command command = lab.far->calls().back();
  REQUIRE(command.argv.size() == 8);
  CHECK(command.argv[3] == kOwnCommand);
  CHECK(command.argv[4] == "test-1-1.0");
  CHECK(command.argv[5] == "7.000");
  CHECK(command.argv[6] == "/bin/fix");
  CHECK(command.argv[7] == "orders");
  CHECK(command.environment == std::vector<std::string>{"FIELDMEDIC_ATTEMPT=test-1-1", "A=b"});
}

TEST_CASE("exec over SSH: only a known end is one") {
  struct Case {
    const char* name;
    Result<ProcessResult> result;
    Applied wanted;
    const char* said;
  };
  const Case cases[] = {
      {"no", ProcessResult{.exit_code = 4, .out = {}, .err = "bad"}, Applied::Refused,
       "exited with 4"},
      {"killed", ProcessResult{.exit_code = 137, .out = {}, .err = {}}, Applied::Unknown,
       "signal 9"},
      {"away", fail(Errc::Unavailable, "away"), Applied::Refused, "away"},
      {"key refused", fail(Errc::Denied, "key"), Applied::Refused, "key"},
      {"lost", fail(Errc::Io, "lost"), Applied::Unknown, "lost; it was killed over there"},
      {"late", fail(Errc::Timeout, "late"), Applied::Unknown, "late; it was killed over there"},
      {"told to stop", fail(Errc::Cancelled, "stop"), Applied::Unknown, "stop; it was killed"},
  };
  for (const Case& c : cases) DYNAMIC_SECTION(c.name) {
      Lab lab;
      const auto answer = lab.apply(c.result);
      CHECK(answer.outcome == c.wanted);
      CHECK(answer.evidence.find(c.said) != std::string::npos);
      const bool ended = lab.far->calls().size() == 3;  // boot id, the program, the end of it
      CHECK(ended == (!c.result && c.wanted == Applied::Unknown));
    }
}

TEST_CASE("exec over SSH: what was not started for want of a record is looked up") {
  const ProcessResult no_record{.exit_code = 125, .out = {}, .err = "mkdir: Permission denied"};
  const std::pair<std::string, Applied> cases[] = {
      {record("never\n"), Applied::Refused},
      {began("runs 1 2\n"), Applied::Unknown},
      {began("ended 125\n"), Applied::Refused},  // the program's own
      {"", Applied::Unknown},
  };
  for (const auto& [text, wanted] : cases) {
    INFO(text);
    Lab lab;
    lab.far->answer(no_record);
    lab.far->answer(ProcessResult{.out = text, .err = {}});
    const auto answer = lab.exec->apply(lab.request(), {});
    CHECK(answer.outcome == wanted);
  }
}

TEST_CASE("exec over SSH: a lost answer is looked up, and nothing is guessed") {
  const std::pair<std::string, Confirmed> cases[] = {
      {began("runs 1 2\nended 0\n"), Confirmed::Applied},
      {began("runs 1 2\nended 3\n"), Confirmed::NotApplied},
      {began("runs 1 2\nended 137\n"), Confirmed::Unknown},
      {began("alive\nruns 1 2\n"), Confirmed::InProgress},
      {began("runs 1 2\n"), Confirmed::Unknown},
      {record("never\n"), Confirmed::NotApplied},
      {"boot 00000000-0000-4000-8000-00000000000c\nnever\n", Confirmed::Unknown},
      {"boot 00000000-0000-4000-8000-00000000000c\nbegan x\nended 0\n", Confirmed::Unknown},
      {"", Confirmed::Unknown},
  };
  for (const auto& [text, wanted] : cases) {
    INFO(text);
    Lab lab;
    CHECK(lab.confirm(text).answer == wanted);
  }
  Lab lab;
  lab.far->answer(fail(Errc::Unavailable, "away"));
  CHECK(lab.exec->confirm(lab.request(), {}).answer == Confirmed::Unknown);
}

TEST_CASE("exec over SSH: a host that cannot be reached is not planned for") {
  Lab lab;
  lab.far->answer(fail(Errc::Unavailable, "away"));
  CHECK(lab.exec->plan({kOrders, {}}, {}).error().code == Errc::Unavailable);
  lab.far->answer(ProcessResult{.exit_code = 1, .out = {}, .err = "cat: no"});
  CHECK(lab.exec->plan({kOrders, {}}, {}).error().code == Errc::Unavailable);
}

TEST_CASE("exec over SSH: what a log-in shell says by itself is no boot id") {
  for (const std::string said : {"Last login: Sat Nov 28 06:25:10 2026 from 10.0.0.5\n",
                                 "Welcome\n00000000-0000-4000-8000-00000000000b\n",
                                 "00000000-0000-4000-8000-00000000000b and more\n"}) {
    Lab lab;
    lab.far->answer(ProcessResult{.out = said, .err = {}});
    const auto plan = lab.exec->plan({kOrders, {}}, {});
    REQUIRE_FALSE(plan);
    // Not silence either, by which a host would be reset past its system.
    CHECK(plan.error().code == Errc::Malformed);
  }
}

TEST_CASE("exec over SSH: a plan for this machine is not done over there, nor the other way") {
  Lab lab;
  lab.plan.steps[0].seen = "{}";
  CHECK(lab.exec->apply(lab.request(), {}).outcome == Applied::Refused);
  CHECK(lab.exec->confirm(lab.request(), {}).answer == Confirmed::Unknown);

  Lab other;
  const ActionTools here{other.here, other.clock, inventory_of({}), {}, other.systemd};
  const auto exec = make_exec(R"({"argv": ["/bin/fix"], "environment": []})", here).value();
  CHECK(exec->apply(other.request(), {}).outcome == Applied::Refused);
  CHECK(other.here.calls().empty());

  // Nor here when there is no connection at all.
  const ActionTools none{other.here, other.clock, far_inventory_of({}), {}, other.systemd};
  const auto lost = make_exec(R"({"argv": ["/bin/fix"], "environment": []})", none).value();
  CHECK(lost->plan({kOrders, {}}, {}).error().code == Errc::Unavailable);
  CHECK(lost->apply(other.request(), {}).outcome == Applied::Refused);
  CHECK(other.here.calls().empty());
}

}  // namespace fieldmedic
