#include "remediator/reach/far_systemd.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"

namespace fieldmedic {

namespace {

struct Lab {
  std::shared_ptr<FakeRunner> runner = std::make_shared<FakeRunner>();
  FarSystemd systemd{runner, AsRoot::Already};

  void answer(int code, std::string err) {
    runner->answer(ProcessResult{.exit_code = code, .out = {}, .err = std::move(err)});
  }
};

constexpr const char* kShown =
    "Id=ssh.service\nLoadState=loaded\nActiveState=active\nSubState=running\n"
    "InvocationID=85ce0000000000000000000000000001\nResult=success\nNRestarts=2\nJob=\n"
    "UnitFileState=enabled\n";

}  // namespace

TEST_CASE("far systemd: a unit's state is read from what systemctl shows") {
  const auto state = parse_unit_properties(kShown);
  REQUIRE(state);
  CHECK(state->id == "ssh.service");
  CHECK(state->load_state == "loaded");
  CHECK(state->active_state == "active");
  CHECK(state->sub_state == "running");
  CHECK(state->invocation_id == "85ce0000000000000000000000000001");
  CHECK(state->result == "success");
  CHECK(state->restarts == 2);
  CHECK(state->job == 0);
  CHECK(state->file_state == "enabled");
  CHECK(parse_unit_properties("Id=a.service\nLoadState=loaded\nActiveState=activating\nJob=4711")
            ->job == 4711);
  CHECK(parse_unit_properties("Id=a.service\nLoadState=loaded\nActiveState=active\nTriggeredBy=\n"
                              "RequiredBy=b.service c.target\nBoundBy=d.service\n")
            ->tied == std::vector<std::string>{"b.service", "c.target", "d.service"});
  for (const char* text :
       {"", "Id=a.service\n", "Id=a\nLoadState=loaded\n", "LoadState=loaded\nActiveState=active\n",
        "Id=a\nLoadState=loaded\nActiveState=active\nJob=x\n"}) {
    INFO(text);
    CHECK_FALSE(parse_unit_properties(text));
  }
}

TEST_CASE("far systemd: systemctl is asked by argv, for changes as root where that is wanted") {
  Lab lab;
  lab.runner->answer(ProcessResult{.out = kShown, .err = {}});
  CHECK(lab.systemd.unit("sshd.service", {})->id == "ssh.service");
  CHECK(lab.systemd.reset_failed("o.service", {}).has_value());
  CHECK(lab.systemd.run(UnitJob::Restart, "o.service", std::chrono::milliseconds(7'000), {}) ==
        Result<std::string>("done"));
  (void)lab.systemd.run(UnitJob::Start, "o@2.service", std::chrono::milliseconds(7'000), {});
  (void)lab.systemd.run(UnitJob::Stop, "o@2.service", std::chrono::milliseconds(7'000), {});
  const auto calls = lab.runner->calls();
  REQUIRE(calls.size() == 5);
  CHECK(calls[3].argv == std::vector<std::string>{"/usr/bin/systemctl", "start", "--job-mode=fail",
                                                  "--", "o@2.service"});
  CHECK(calls[4].argv[1] == "stop");
  CHECK(calls[0].argv.back() == "sshd.service");
  CHECK(calls[1].argv ==
        std::vector<std::string>{"/usr/bin/systemctl", "reset-failed", "--", "o.service"});
  CHECK(calls[2].argv == std::vector<std::string>{"/usr/bin/systemctl", "restart",
                                                  "--job-mode=fail", "--", "o.service"});
  CHECK(calls[2].timeout == std::chrono::milliseconds(7'000));

  FarSystemd by_sudo(lab.runner, AsRoot::BySudo);
  (void)by_sudo.run(UnitJob::Restart, "o.service", std::chrono::milliseconds(7'000), {});
  CHECK(lab.runner->calls().back().argv ==
        std::vector<std::string>{"sudo", "-n", "--", "/usr/bin/systemctl", "restart",
                                 "--job-mode=fail", "--", "o.service"});
}

TEST_CASE("far systemd: only words that say so mean that nothing was changed") {
  struct Case {
    int code;
    const char* err;
    Errc want;
  };
  const Case cases[] = {
      {4, "Failed to restart o.service: Interactive authentication required.\n", Errc::Denied},
      {1, "Failed to restart o.service: Access denied\n", Errc::Denied},
      {1, "sudo: a password is required\n", Errc::Denied},
      {1, "sudo: unable to resolve host sh-01: No address\nsudo: a password is required\n",
       Errc::Denied},
      {1, "Sorry, user medic is not allowed to execute '/usr/bin/systemctl' as root on sh-01.\n",
       Errc::Denied},
      // sudo warns and goes on.
      {1, "sudo: unable to resolve host sh-01: No address\n", Errc::Io},
      {1, "sudo: unable to resolve host sh-01: No address\nFailed to restart: Broken pipe\n",
       Errc::Io},
      {5, "Failed to restart o.service: Unit o.service not found.\n", Errc::NotFound},
      {1, "Failed to restart o.service: Unit o.service is masked.\n", Errc::Conflict},
      {1, "Failed to restart o.service: Transaction for o.service/restart is destructive …\n",
       Errc::Conflict},
      {127, "/usr/bin/env: 'systemctl': No such file or directory\n", Errc::Unavailable},
      {1, "System has not been booted with systemd as init system (PID 1). Can't operate.\n",
       Errc::Unavailable},
      {1, "Failed to restart o.service: Connection timed out\n", Errc::Io},
      {1, "", Errc::Io},
  };
  for (const Case& c : cases) {
    INFO(c.err);
    Lab lab;
    lab.answer(c.code, c.err);
    const auto restarted =
        lab.systemd.run(UnitJob::Restart, "o.service", std::chrono::milliseconds(7'000), {});
    REQUIRE_FALSE(restarted.has_value());
    CHECK(restarted.error().code == c.want);
    lab.answer(c.code, c.err);
    CHECK(lab.systemd.reset_failed("o.service", {}).error().code == c.want);
  }
  Lab lab;
  lab.answer(1, "Job for o.service failed because the control process exited with error code.\n");
  CHECK(lab.systemd.run(UnitJob::Restart, "o.service", std::chrono::milliseconds(7'000), {}) ==
        Result<std::string>("failed"));
  lab.answer(1, "sudo: unable to resolve host sh-01: No address\nJob for o.service failed.\n");
  CHECK(lab.systemd.run(UnitJob::Restart, "o.service", std::chrono::milliseconds(7'000), {}) ==
        Result<std::string>("failed"));
  lab.runner->answer(ProcessResult{.term_signal = 9, .out = {}, .err = "Job for o.service\n"});
  CHECK(lab.systemd.run(UnitJob::Restart, "o.service", std::chrono::milliseconds(7'000), {})
            .error()
            .code == Errc::Io);
  lab.runner->answer(fail(Errc::Timeout, "late"));
  CHECK(lab.systemd.run(UnitJob::Restart, "o.service", std::chrono::milliseconds(7'000), {})
            .error()
            .code == Errc::Timeout);
}

TEST_CASE("far systemd: what it says of a unit is not guessed") {
  Lab lab;
  lab.runner->answer(ProcessResult{.out = "nonsense", .err = {}});
  CHECK(lab.systemd.unit("o.service", {}).error().code == Errc::Io);
  lab.answer(1, "Failed to connect to bus: Host is down\n");
  CHECK(lab.systemd.unit("o.service", {}).error().code == Errc::Unavailable);
  lab.runner->answer(fail(Errc::Denied, "key refused"));
  CHECK(lab.systemd.unit("o.service", {}).error() == Error{Errc::Denied, "key refused"});
}

}  // namespace fieldmedic
