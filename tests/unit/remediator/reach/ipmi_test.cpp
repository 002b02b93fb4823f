// A host's power through ipmitool: what it prints, and what it is asked.
#include "remediator/reach/ipmi.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

constexpr const char* kChassis =
    "System Power         : on\nPower Overload       : false\nMain Power Fault     : false\n"
    "Last Power Event     : command\nDrive Fault          : false\nCooling/Fan Fault    : false\n";
constexpr const char* kSensors =
    "CPU Temp         | 45 degrees C      | ok\nFAN 2            | no reading        | ns\n";

Result<ProcessResult> said(const std::string& out) {
  return ProcessResult{.out = out, .err = {}};
}

}  // namespace

TEST_CASE("ipmi: power and health as ipmitool prints them") {
  struct Case {
    std::string chassis;
    std::string sensors;
    bool is_on;
    HardwareHealth health;
    const char* evidence;
  };
  const std::string on = kChassis;
  const std::string ok = kSensors;
  const Case cases[] = {
      {on, ok, true, HardwareHealth::Ok, "power on, sensors OK"},
      {on, "", true, HardwareHealth::Unknown, "power on, sensors unknown"},
      {on, "FAN 2 | no reading | ns\n", true, HardwareHealth::Unknown, "power on, sensors unknown"},
      {on, "FAN 1 | 900 RPM | nc\n" + ok, true, HardwareHealth::Warning,
       "power on, sensors Warning; FAN 1 Warning"},
      {on, "P1 | 99 | nr\nFAN 1 | 900 RPM | nc\n" + ok, true, HardwareHealth::Critical,
       "power on, sensors Critical; P1 Critical, FAN 1 Warning"},
      {"System Power : off\nDrive Fault : true\n", ok, false, HardwareHealth::Critical,
       "power off, sensors Critical; Drive Fault Critical"},
  };
  for (const Case& c : cases) {
    INFO(c.chassis << c.sensors);
    const auto sight = read_ipmi_sight(c.chassis, c.sensors);
    REQUIRE(sight);
    CHECK(sight->is_on == c.is_on);
    CHECK(sight->health == c.health);
    CHECK(sight->evidence == c.evidence);
  }
  CHECK(read_ipmi_sight("", kSensors).error().code == Errc::Malformed);
  CHECK(read_ipmi_sight("System Power", kSensors).error().code == Errc::Malformed);
}

TEST_CASE("ipmi: the password is in a file, and an order is sent once") {
  FakeRunner runner;
  const auto power = make_ipmi_power({"10.0.1.11", 6230, "medic", "/etc/fieldmedic/bmc"}, runner);
  CHECK(power->name() == "ipmi 10.0.1.11:6230");
  runner.answer(said("Chassis Power Control: Reset\n"));
  CHECK(power->reset(PowerReset::ForceRestart, std::chrono::seconds(7), {}));
  REQUIRE(runner.calls().size() == 1);
  CHECK(runner.calls()[0].argv == std::vector<std::string>{"ipmitool",
                                                           "-I",
                                                           "lanplus",
                                                           "-H",
                                                           "10.0.1.11",
                                                           "-p",
                                                           "6230",
                                                           "-U",
                                                           "medic",
                                                           "-f",
                                                           "/etc/fieldmedic/bmc",
                                                           "-L",
                                                           "OPERATOR",
                                                           "-R",
                                                           "1",
                                                           "-N",
                                                           "3",
                                                           "chassis",
                                                           "power",
                                                           "reset"});
  CHECK(runner.calls()[0].timeout == std::chrono::seconds(7));
  CHECK(power->reset(PowerReset::PowerCycle, std::chrono::seconds(7), {}));
  CHECK(runner.calls()[1].argv.back() == "cycle");
  CHECK(power->reset(PowerReset::GracefulRestart, std::chrono::seconds(7), {}).error().code ==
        Errc::Invalid);
  CHECK(runner.calls().size() == 2);
}

TEST_CASE("ipmi: what ipmitool could not do") {
  FakeRunner runner;
  const auto power = make_ipmi_power({"h", 623, "medic", "/p"}, runner);
  const auto fails = [&](Result<ProcessResult> how) {
    runner.answer(std::move(how));
    const auto done = power->reset(PowerReset::ForceRestart, std::chrono::seconds(7), {});
    REQUIRE_FALSE(done);
    return done.error().code;
  };
  // Nothing was ordered.
  CHECK(fails(ProcessResult{.exit_code = 1,
                            .out = {},
                            .err = "Error: Unable to establish IPMI v2 / RMCP+ session\n"}) ==
        Errc::Unavailable);
  CHECK(fails(fail(Errc::NotFound, "no such program")) == Errc::Invalid);
  // Who knows.
  CHECK(fails(ProcessResult{.exit_code = 1, .out = {}, .err = "Set Chassis Power failed\n"}) ==
        Errc::Io);
  CHECK(fails(ProcessResult{.term_signal = 9, .out = {}, .err = {}}) == Errc::Io);
  CHECK(fails(fail(Errc::Timeout, "out of time")) == Errc::Timeout);
}

TEST_CASE("ipmi: no error tells the password that ipmitool repeats") {
  const TempTree tree{{{"pw", "s3cr3t word\n"}}};
  FakeRunner runner;
  const auto told = [&](const std::string& file) {
    const auto power = make_ipmi_power({"h", 623, "medic", file}, runner);
    // Of which 200 bytes are shown.
    runner.answer(ProcessResult{
        .exit_code = 1,
        .out = {},
        .err = "Invalid data: s3cr3t word " + std::string(169, 'x') + " s3cr3t word\n"});
    return power->reset(PowerReset::ForceRestart, std::chrono::seconds(7), {}).error().message;
  };
  CHECK_THAT(told((tree.root / "pw").string()), Catch::Contains("Invalid data: *** x"));
  CHECK_THAT(told((tree.root / "pw").string()), !Catch::Contains("s3c"));
  CHECK_THAT(told("/nowhere/pw"), Catch::Contains("not shown") && !Catch::Contains("s3c"));
}

TEST_CASE("ipmi: sensors that cannot be read leave the health unknown") {
  FakeRunner runner;
  const auto power = make_ipmi_power({"h", 623, "medic", "/p"}, runner);
  runner.answer(said(kChassis));
  runner.answer(fail(Errc::Timeout, "out of time"));
  const auto sight = power->look({});
  REQUIRE(sight);
  CHECK(sight->health == HardwareHealth::Unknown);
  runner.answer(fail(Errc::Timeout, "out of time"));
  CHECK(power->look({}).error().code == Errc::Timeout);
}

TEST_CASE("ipmi: sensors that were cut off leave the health unknown") {
  FakeRunner runner;
  const auto power = make_ipmi_power({"h", 623, "medic", "/p"}, runner);
  std::string many;
  while (many.size() < 64UL * 1024) many += "CPU Temp | 45 degrees C | ok\n";
  many.resize(64UL * 1024);  // as the runner cuts it, right before "PSU | 0x01 | cr"
  runner.answer(said(kChassis));
  runner.answer(said(many));
  const auto sight = power->look({});
  REQUIRE(sight);
  CHECK(sight->health == HardwareHealth::Unknown);
}

}  // namespace fieldmedic
