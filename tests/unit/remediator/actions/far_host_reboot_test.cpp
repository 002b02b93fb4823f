// host_reboot over SSH: by the record of the attempt over there, the job of its systemd, and the
// boot id.
#include <nlohmann/json.hpp>

#include "remediator/actions/host_reboot.hpp"
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

const std::string kBoot = "0d5d2a9c-0000-4000-8000-00000000000b";
const std::string kNextBoot = "11111111-2222-4333-8444-555555555555";

Result<ProcessResult> said(const std::string& out) {
  return ProcessResult{.out = out, .err = {}};
}

struct Lab {
  FakeRunner here;
  std::shared_ptr<FakeRunner> runner = std::make_shared<FakeRunner>();
  std::shared_ptr<FakeSystemd> systemd = std::make_shared<FakeSystemd>();
  FakeSystemd own_systemd;
  ManualClock clock;
  SshAccess access{.address = "10.0.0.11", .user = "medic"};
  std::unique_ptr<Action> action;
  core::Plan plan;

  explicit Lab(AsRoot as_root = AsRoot::Already) {
    systemd->state.id = "reboot.target";
    systemd->state.active_state = "inactive";
    access.as_root = as_root;
    action = make();
    runner->answer(said(kBoot + "\n"));
    plan = action->plan({kOrders, {}}, {}).value();
  }
  std::unique_ptr<Action> make() {
    ActionTools tools{here, clock, far_inventory_of({}), {}, own_systemd};
    FarHosts hosts = *far_hosts_of(runner, systemd);
    hosts.begin()->second.access = access;
    tools.far = std::make_shared<const FarHosts>(std::move(hosts));
    const Json arguments{{"drain", {"/bin/drain"}}, {"without_drain", false}, {"own_host", false}};
    return make_host_reboot(arguments.dump(), tools).value();
  }
  [[nodiscard]] ApplyRequest request(std::size_t step) const {
    return {"test-1-1", kOrders, plan, step, std::chrono::milliseconds(40'000)};
  }
};

}  // namespace

TEST_CASE("host_reboot over SSH drains, flushes and orders over there, with a record of each") {
  Lab lab;
  CHECK(lab.plan.steps[0].confirmable == core::Confirmable::Yes);
  CHECK(Json::parse(lab.plan.steps[0].seen)["reached"] == "medic@10.0.0.11:22");
  lab.runner->answer(said(kBoot));
  CHECK(lab.action->apply(lab.request(0), {}).outcome == Applied::Done);
  CHECK(lab.runner->calls().back().argv[4] == "test-1-1.0");
  lab.runner->answer(said(kBoot));
  CHECK(lab.action->apply(lab.request(1), {}).outcome == Applied::Done);
  const auto calls = lab.runner->calls();
  CHECK(calls[calls.size() - 2].argv == std::vector<std::string>{"sync"});
  const auto& order = calls.back().argv;
  CHECK(order[4] == "test-1-1.1");
  CHECK(order[6] == "/usr/bin/systemctl");
  CHECK(order.back() == "reboot.target");
  CHECK(lab.here.calls().empty());
}

TEST_CASE("host_reboot over SSH orders by sudo where it is told to") {
  Lab lab(AsRoot::BySudo);
  lab.runner->answer(said(kBoot));
  CHECK(lab.action->apply(lab.request(1), {}).outcome == Applied::Done);
  CHECK(lab.runner->calls().back().argv[6] == "sudo");
}

TEST_CASE("host_reboot over SSH is settled by the boot id, the job and the record, in this order") {
  const std::string began = "began " + kBoot + "\n";
  struct Case {
    const char* name;
    std::string boot_id;
    std::string record;
    std::uint32_t job;
    Confirmed answer;
  };
  const Case cases[] = {
      {"up again", kNextBoot, "", 0, Confirmed::Applied},
      {"goes down", kBoot, began + "runs 7 9\nended 0\n", 5, Confirmed::InProgress},
      {"is being ordered", kBoot, "alive\n" + began + "runs 7 9\n", 0, Confirmed::InProgress},
      {"ordered, and taken back", kBoot, began + "runs 7 9\nended 0\n", 0, Confirmed::NotApplied},
      {"not taken", kBoot, began + "runs 7 9\nended 1\n", 0, Confirmed::NotApplied},
      {"never ordered", kBoot, "never\n", 0, Confirmed::NotApplied},
      {"no word of its end", kBoot, began + "runs 7 9\n", 0, Confirmed::Unknown},
      {"no record to be read", kBoot, "", 0, Confirmed::Unknown},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Lab lab;
    lab.systemd->state.job = c.job;
    lab.runner->answer(said(c.boot_id));
    lab.runner->answer(said(c.record.empty() ? "" : "boot " + kBoot + "\n" + c.record));
    const auto answer = lab.action->confirm(lab.request(1), {});
    INFO(answer.evidence);
    CHECK(answer.answer == c.answer);
  }
}

TEST_CASE("host_reboot over SSH: a host that does not answer is not yet rebooted, nor not") {
  Lab lab;
  lab.runner->answer(fail(Errc::Unavailable, "connection refused"));
  CHECK(lab.action->confirm(lab.request(1), {}).answer == Confirmed::Unknown);
  lab.runner->answer(fail(Errc::Unavailable, "connection refused"));
  CHECK(lab.action->apply(lab.request(1), {}).outcome == Applied::Refused);
}

TEST_CASE("host_reboot takes no other host's boot id for a reboot") {
  Lab lab;
  lab.access.address = "10.0.0.12";  // by a reload
  const auto moved = lab.make();
  const auto calls = lab.runner->calls().size();
  CHECK(moved->confirm(lab.request(1), {}).answer == Confirmed::Unknown);
  CHECK(moved->apply(lab.request(1), {}).outcome == Applied::Refused);
  CHECK(lab.runner->calls().size() == calls);
}

}  // namespace fieldmedic
