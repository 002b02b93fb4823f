// host_reboot by IPMI, against OpenIPMI's simulator of a management controller.
#include "remediator/reach/ipmi.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "common/process_runner.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/silent_host.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

constexpr const char* kPassword = "s3cr3t";

// One temperature, critical from 0x90 (144) degrees on, with its record of a full sensor.
std::string controller(const std::string& degrees) {
  return "mc_setbmc 0x20\n"
         "mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\n"
         "sensor_add 0x20 0 1 1 1\n"
         "sensor_set_threshold 0x20 0 1 settable 111000 0xa0 0x90 0x70 00 00 00\n"
         "sensor_set_event_support 0x20 0 1 enable scanning per-state 000111111000000 "
         "000111111000000 000111111000000 000111111000000\n"
         "sensor_set_value 0x20 0 1 " +
         degrees +
         " 0\n"
         "main_sdr_add 0x20 0x00 0x00 0x51 0x01 0x33 0x20 0x00 0x01 0x03 0x01 0x7f 0x68 0x01 0x01 "
         "0x00 0x00 0x00 0x00 0x38 0x38 0x00 0x01 0x00 0x00 0x01 0x00 0x00 0x00 0x00 0x00 0x00 "
         "0x00 0x00 0x00 0xff 0x00 0xa0 0x90 0x70 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0xc8 "
         "0x43 0x50 0x55 0x20 0x54 0x65 0x6d 0x70\n"
         "mc_enable 0x20\n";
}

struct Lab {
  explicit Lab(const std::string& degrees = "0x2d", const std::string& is_on = "1") {
    const std::string root = tree.root.string();
    tree.write("pw", std::string(kPassword) + "\n");
    tree.write("sim.emu", controller(degrees));
    const auto chassis =
        tree.write("chassis", "#!/bin/sh\necho \"$@\" >> " + root +
                                  "/orders\n[ \"$2\" = get ] && echo \"power:" + is_on + "\"\n:\n");
    std::filesystem::permissions(chassis, std::filesystem::perms::owner_all);
    const std::string port_text = std::to_string(port);
    tree.write("lan.conf", "name \"sim\"\nset_working_mc 0x20\nstartlan 1\naddr 127.0.0.1 " +
                               port_text +
                               "\npriv_limit admin\nallowed_auths_operator md5\n"
                               "guid a123456789abcdefa123456789abcdef\nendlan\nchassis_control \"" +
                               chassis.string() + " 0x20\"\nuser 2 true \"medic\" \"" + kPassword +
                               "\" operator 10 md5\n");
    program.emplace(std::vector<std::string>{"ipmi_sim", "-c", root + "/lan.conf", "-f",
                                             root + "/sim.emu", "-s", root + "/state", "-n"});
    power["ipmi"] = {{"address", "127.0.0.1"},
                     {"port", port},
                     {"username", "medic"},
                     {"password_file", root + "/pw"}};
  }
  std::unique_ptr<HostPower> direct(const std::string& file) {
    return make_ipmi_power(
        {"127.0.0.1", static_cast<std::uint16_t>(port), "medic", (tree.root / file).string()},
        runner);
  }
  bool is_up() {
    return eventually([&] { return direct("pw")->look({}).has_value(); });
  }
  // The orders that reached the chassis.
  std::string orders() const {
    std::ifstream file(tree.root / "orders");
    std::string sets;
    for (std::string line; std::getline(file, line);)
      if (line.contains("set")) sets += line + "\n";
    return sets;
  }

  TempTree tree;
  int port = free_port();
  std::optional<ChildProgram> program;
  LocalProcessRunner runner;
  FakeHttp http;
  Json power{{"reset", "forced"}, {"sick_hardware", false}};
};

bool is_installed() {
  LocalProcessRunner runner;
  const auto found = runner.run({.argv = {"which", "ipmi_sim", "ipmitool"}, .environment = {}}, {});
  return found && found->exit_code == 0;
}

}  // namespace

TEST_CASE("host_reboot by ipmi: a silent host is reset once, and proved by its uptime") {
  if (!is_installed()) {
    std::cout << "SKIP: ipmi_sim and ipmitool (openipmi, ipmitool)\n";
    return;
  }
  Lab lab;
  REQUIRE(lab.is_up());
  SilentHost host(lab.power, lab.runner, lab.http);
  const auto plan = host.plan();
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  CHECK_THAT(plan->summary, Catch::StartsWith("ForceRestart of lab by ipmi 127.0.0.1:") &&
                                Catch::EndsWith("power on, sensors OK"));
  CHECK(host.apply(*plan, 30s).outcome == Applied::Done);
  CHECK(lab.orders() == "0x20 set reset 1\n");
  host.is_silent();
  CHECK(host.confirm(*plan).answer == Confirmed::Unknown);
  host.clock.advance(60s);
  host.is_up_for(20);
  CHECK(host.confirm(*plan).answer == Confirmed::Applied);
}

TEST_CASE("host_reboot by ipmi: sick hardware, or one that is off, is left alone") {
  if (!is_installed()) {
    std::cout << "SKIP: ipmi_sim and ipmitool (openipmi, ipmitool)\n";
    return;
  }
  const auto [degrees, is_on, why] = GENERATE(table<const char*, const char*, const char*>(
      {{"0x95", "1", "CPU Temp Critical"}, {"0x2d", "0", "not switched on"}}));
  Lab lab(degrees, is_on);
  REQUIRE(lab.is_up());
  const auto plan = SilentHost(lab.power, lab.runner, lab.http).plan();
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == Errc::Conflict);
  CHECK_THAT(plan.error().message, Catch::Contains(why));
  CHECK(lab.orders().empty());
}

TEST_CASE("host_reboot by ipmi: a wrong password, and a controller that is away") {
  if (!is_installed()) {
    std::cout << "SKIP: ipmi_sim and ipmitool (openipmi, ipmitool)\n";
    return;
  }
  Lab lab;
  REQUIRE(lab.is_up());
  lab.tree.write("wrong", "another\n");
  const auto refused = lab.direct("wrong")->reset(PowerReset::ForceRestart, 20s, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::Unavailable);
  CHECK_THAT(refused.error().message, !Catch::Contains("another"));
  CHECK(lab.orders().empty());
  lab.program.reset();
  CHECK(lab.direct("pw")->look({}).error().code == Errc::Unavailable);
}

}  // namespace fieldmedic
