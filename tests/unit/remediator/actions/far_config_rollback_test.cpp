// config_rollback over SSH: what each answer of the host over there leads to.
#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "remediator/actions/config_rollback.hpp"
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
const std::string kSick(64, '5');
const std::string kGood(64, '6');

ProcessResult said(std::string out) {
  return {.out = std::move(out), .err = {}};
}
ProcessResult exited(int code) {
  return {.exit_code = code, .out = {}, .err = {}};
}
std::string file(const std::string& digest) {
  return "file " + digest + "\nend\n";
}

struct Lab {
  FakeRunner here;
  std::shared_ptr<FakeRunner> far = std::make_shared<FakeRunner>();
  FakeSystemd systemd;
  ManualClock clock;
  std::unique_ptr<Action> action = make();
  core::Plan plan;

  Lab() {
    auto planned = plan_by({file(kGood), file(kSick), "gone\nend\n", kBoot + "\n"});
    REQUIRE(planned);
    plan = *std::move(planned);
  }
  std::unique_ptr<Action> make() {
    ActionTools tools{here, clock, far_inventory_of({}), {}, systemd};
    tools.far = far_hosts_of(far);
    return make_config_rollback(
               R"({"file": "/etc/o/o.conf", "good": "/var/o/o.conf", "signal": 0})", tools)
        .value();
  }
  Result<core::Plan> plan_by(const std::vector<std::string>& answers) {
    for (const std::string& answer : answers) far->answer(said(answer));
    return action->plan({kOrders, {}}, {});
  }
  [[nodiscard]] ApplyRequest request() const {
    return {"far-1-1", kOrders, plan, 0, std::chrono::seconds(8)};
  }
  ApplyAnswer apply(Result<ProcessResult> result, const std::string& boot = kBoot) {
    far->answer(said(boot + "\n"));
    far->answer(std::move(result));
    return action->apply(request(), {});
  }
  ConfirmAnswer confirm(const std::string& record, const std::string& look) {
    far->answer(said("boot " + kBoot + "\n" + record));
    far->answer(said(look));
    return action->confirm(request(), {});
  }
};

}  // namespace

TEST_CASE("config_rollback over SSH: the plan says what was seen over there") {
  Lab lab;
  REQUIRE(lab.plan.steps.size() == 1);
  CHECK(Json::parse(lab.plan.steps[0].seen) == Json{{"boot_id", kBoot}, {"sha256", kSick}});
  CHECK(Json::parse(lab.plan.steps[0].wanted) == Json{{"file", "/etc/o/o.conf"},
                                                      {"good", "/var/o/o.conf"},
                                                      {"keep", "o.conf.replaced-555555555555"},
                                                      {"sha256", kGood}});
  CHECK(lab.plan.resources == std::vector<std::string>{"host/lab/path/etc/o/o.conf"});
  for (const auto& [answers, code] : std::vector<std::pair<std::vector<std::string>, Errc>>{
           {{"gone\nend\n"}, Errc::NotFound},
           {{"behind\nend\n"}, Errc::Conflict},
           {{file(kGood), "irregular\nend\n"}, Errc::Conflict},
           {{file(kGood), file(kGood)}, Errc::Conflict},               // it is there already
           {{file(kGood), file(kSick), file(kGood)}, Errc::Conflict},  // was replaced as sick
           {{file(kGood), file(kSick), "who knows\nend\n"}, Errc::Io},
           {{""}, Errc::Io},
           {{file(kGood), file(kSick), "gone\nend\n", "Welcome\n"}, Errc::Malformed}}) {
    INFO(answers.back());
    const auto plan = lab.plan_by(answers);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == code);
  }
  CHECK(lab.here.calls().empty());
}

TEST_CASE("config_rollback over SSH: only what is known to have changed nothing is a refusal") {
  Lab lab;
  CHECK(lab.apply(exited(0)).outcome == Applied::Done);
  const auto argv = lab.far->calls().back().argv;
  CHECK(std::ranges::find(argv, "far-1-1.0") != argv.end());
  CHECK(lab.apply(exited(1)).outcome == Applied::Refused);
  CHECK(lab.apply(exited(3)).outcome == Applied::WorldDiffers);
  CHECK(lab.apply(exited(127)).outcome == Applied::Refused);
  for (const int code : {2, 4, 5, 124, 137, 255}) {
    INFO(code);
    CHECK(lab.apply(exited(code)).outcome == Applied::Unknown);
  }
  CHECK(lab.apply(fail(Errc::Unavailable, "no connection")).outcome == Applied::Refused);
  for (const Errc code : {Errc::Timeout, Errc::Io, Errc::Cancelled})
    CHECK(lab.apply(fail(code, "lost")).outcome == Applied::Unknown);
}

TEST_CASE(
    "config_rollback over SSH: nothing is sent to another boot, another way, or after a stop") {
  Lab lab;
  const auto before = lab.far->calls().size();
  lab.far->answer(said("0d5d2a9c-0000-4000-8000-00000000000c\n"));
  CHECK(lab.action->apply(lab.request(), {}).outcome == Applied::WorldDiffers);
  CHECK(lab.far->calls().size() == before + 1);

  std::stop_source stop;
  stop.request_stop();
  lab.far->answer(said(kBoot + "\n"));
  CHECK(lab.action->apply(lab.request(), stop.get_token()).outcome == Applied::Refused);
  CHECK(lab.far->calls().size() == before + 2);

  lab.plan.steps[0].seen = Json{{"sha256", kSick}}.dump();  // planned before a reload moved it
  CHECK(lab.action->apply(lab.request(), {}).outcome == Applied::Refused);
  CHECK(lab.action->confirm(lab.request(), {}).answer == Confirmed::Unknown);
  CHECK(lab.far->calls().size() == before + 2);
}

TEST_CASE("config_rollback over SSH: a lost answer is settled by looking") {
  Lab lab;
  const std::string ended = "began " + kBoot + "\nruns 7 4711\nended 137\n";
  const std::string runs = "alive\nbegan " + kBoot + "\nruns 7 4711\n";
  CHECK(lab.confirm(ended, file(kGood)).answer == Confirmed::Applied);
  CHECK(lab.confirm(ended, file(kSick)).answer == Confirmed::NotApplied);
  CHECK(lab.confirm("never\n", file(kSick)).answer == Confirmed::NotApplied);
  CHECK(lab.confirm(ended, "gone\nend\n").answer == Confirmed::NotApplied);
  for (const std::string look : {"", "behind\nend\n", "unread\nend\n", "file 12\nend\n"})
    CHECK(lab.confirm(ended, look).answer == Confirmed::Unknown);
  const auto before = lab.far->calls().size();
  lab.far->answer(said("boot " + kBoot + "\n" + runs));
  CHECK(lab.action->confirm(lab.request(), {}).answer == Confirmed::InProgress);
  lab.far->answer(said("garbage"));
  CHECK(lab.action->confirm(lab.request(), {}).answer == Confirmed::Unknown);
  CHECK(lab.far->calls().size() == before + 2);
}

}  // namespace fieldmedic
