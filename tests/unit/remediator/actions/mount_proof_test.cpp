#include "remediator/actions/mount_proof.hpp"

#include <nlohmann/json.hpp>

#include "remediator/actions/systemd_restart.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

using core::Confirmed;

constexpr const char* kRoot = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n";
constexpr const char* kShare = "30 22 8:17 / /srv/share rw - ext4 /dev/sdb1 rw\n";
constexpr const char* kWell = "look 0 well\n";

struct Lab {
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;

  std::unique_ptr<Action> action(const std::string& mounts = R"(["/srv/share"])") {
    CollectorSpec collector;
    collector.unit = "orders.service";
    const ActionTools tools{
        runner, clock, inventory_of(collector), {"/nonexistent", "/sys", "/"}, systemd};
    return make_systemd_restart(R"({"unit":"","mounts":)" + mounts + "}", tools).value();
  }
  void sees(const std::string& looks, const std::string& table) {
    ProcessResult result;
    result.out = looks + "table\n" + kRoot + table + "end\n";
    runner.answer(result);
  }
  // As after the restart.
  ConfirmAnswer confirm(const core::Plan& plan) {
    systemd.state.invocation_id = "bbbb";
    return action()->confirm({"test-1-1", kOrders, plan, 0, {}}, {});
  }
};

}  // namespace

TEST_CASE("systemd_restart is done when its mounts are there again as the plan saw them") {
  struct Case {
    const char* before;
    const char* looks;
    const char* after;
    Confirmed want;
    const char* evidence;
  };
  const Case cases[] = {
      {kShare, kWell, kShare, Confirmed::Applied, "/srv/share is mounted and answers"},
      {"", kWell, kShare, Confirmed::Applied, "/srv/share is mounted and answers"},
      {kShare, kWell, "", Confirmed::NotApplied, "/srv/share is not mounted"},
      {"", kWell, "", Confirmed::NotApplied, "/srv/share is not mounted"},
      {kShare, "look 0 hangs\n", kShare, Confirmed::Unknown, "does not answer within 5 s"},
      {kShare, "look 0 hangs\n", "", Confirmed::Unknown, "does not answer within 5 s"},
      {kShare, "look 0 fails stat: cannot read 'x': Permission denied\n", kShare,
       Confirmed::Unknown, "cannot be looked at: Permission denied"},
      {kShare, "", kShare, Confirmed::Unknown, "cannot be looked at"},
      {kShare, "look 0 fails stat: cannot read 'x': Stale file handle\n", kShare,
       Confirmed::NotApplied, "is mounted, but: Stale file handle"},
      {kShare, kWell, "30 22 8:33 / /srv/share rw - ext4 /dev/sdc1 rw\n", Confirmed::NotApplied,
       R"(has the source "/dev/sdc1", where the plan saw "/dev/sdb1")"},
      {kShare, kWell, "30 22 8:17 / /srv/share rw - xfs /dev/sdb1 rw\n", Confirmed::NotApplied,
       R"(has the type "xfs", where the plan saw "ext4")"},
      {kShare, kWell, "30 22 8:17 / /srv/share ro - ext4 /dev/sdb1 rw\n", Confirmed::NotApplied,
       "can only be read"},
      {kShare, kWell, "30 22 8:17 / /srv/share rw - ext4 /dev/sdb1 ro\n", Confirmed::NotApplied,
       "can only be read"},
      {"30 22 8:17 / /srv/share ro - ext4 /dev/sdb1 ro\n", kWell, kShare, Confirmed::Applied,
       "is mounted and answers"},
      {"30 22 8:17 / /srv/share ro - ext4 /dev/sdb1 ro\n", kWell,
       "30 22 8:17 / /srv/share ro - ext4 /dev/sdb1 ro\n", Confirmed::Applied,
       "is mounted and answers"},
      {"30 22 0:9 / /srv/share rw - nfs4 \xff:/a rw\n", kWell,
       "30 22 0:9 / /srv/share rw - nfs4 \xff:/a rw\n", Confirmed::Applied, "is mounted"},
  };
  for (const Case& c : cases) {
    INFO(c.before << c.looks << c.after);
    Lab lab;
    lab.sees("", c.before);
    const auto plan = lab.action()->plan({kOrders, {}}, {});
    REQUIRE(plan);
    lab.sees(c.looks, c.after);
    const auto answer = lab.confirm(*plan);
    CHECK(answer.answer == c.want);
    INFO(answer.evidence);
    CHECK(answer.evidence.contains(c.evidence));
    CHECK(answer.evidence.starts_with("orders.service is active"));
  }
}

TEST_CASE("systemd_restart: one mount that is lost outweighs one that hangs") {
  const auto confirmed = [](const std::string& looks, const std::string& table) {
    Lab lab;
    lab.sees("", "");
    const auto plan = lab.action(R"(["/srv/share","/srv/b"])")->plan({kOrders, {}}, {}).value();
    lab.sees(looks, table);
    return lab.confirm(plan);
  };
  const std::string both = std::string(kShare) + "31 22 0:9 / /srv/b rw - tmpfs b rw\n";
  const std::string wells = std::string(kWell) + "look 1 well\n";
  const std::string hang = std::string("look 0 hangs\nlook 1 well\n");
  CHECK(confirmed(wells, both).answer == Confirmed::Applied);
  CHECK(confirmed(hang, both).answer == Confirmed::Unknown);
  CHECK(confirmed(hang, kShare).answer == Confirmed::NotApplied);
  CHECK(confirmed("look 0 well\nlook 1 hangs\n", "").answer == Confirmed::NotApplied);
}

TEST_CASE("systemd_restart asks its mounts only once the unit runs anew, and not without any") {
  Lab lab;
  lab.sees("", kShare);
  const auto plan = lab.action()->plan({kOrders, {}}, {}).value();
  CHECK(std::ranges::count(plan.resources, "host/lab/path/srv/share") == 1);
  CHECK(nlohmann::json::parse(plan.steps[0].wanted).at("mounts") ==
        nlohmann::json::array({"/srv/share"}));
  const ApplyRequest request{"test-1-1", kOrders, plan, 0, {}};
  CHECK(lab.action()->confirm(request, {}).answer == Confirmed::NotApplied);
  CHECK(lab.runner.calls().size() == 1);

  const auto bare = lab.action("[]")->plan({kOrders, {}}, {}).value();
  CHECK(lab.confirm(bare).answer == Confirmed::Applied);
  CHECK(lab.runner.calls().size() == 1);
}

TEST_CASE("systemd_restart: mounts that cannot be read are no plan and no proof") {
  Lab lab;
  lab.runner.answer(fail(Errc::Timeout, "sh: killed after 5000 ms"));
  const auto none = lab.action()->plan({kOrders, {}}, {});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::Timeout);

  lab.sees("", kShare);
  const auto plan = lab.action()->plan({kOrders, {}}, {}).value();
  lab.runner.answer(fail(Errc::Timeout, "sh: killed after 10000 ms"));
  const auto answer = lab.confirm(plan);
  CHECK(answer.answer == Confirmed::Unknown);
  CHECK(answer.evidence.contains("killed after 10000 ms"));
}

TEST_CASE("systemd_restart takes clean mount points, each once") {
  const std::pair<const char*, bool> cases[] = {
      {R"(["/data"])", true},      {R"(["/srv/two words"])", true}, {R"(["srv"])", false},
      {R"(["/srv/"])", false},     {R"(["/srv/../etc"])", false},   {R"(["/srv//a"])", false},
      {R"(["/srv/a\nb"])", false}, {R"(["/a","/a"])", false},       {R"([""])", false},
      {R"(["/"])", false},
  };
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  const ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
  for (const auto& [mounts, right] : cases) {
    INFO(mounts);
    const auto made =
        make_systemd_restart(R"({"unit":"","mounts":)" + std::string(mounts) + "}", tools);
    CHECK(made.has_value() == right);
  }
}

}  // namespace fieldmedic
