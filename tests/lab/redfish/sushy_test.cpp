// host_reboot by Redfish, against the emulator of sushy-tools, which is not ours.
#include <filesystem>
#include <iostream>

#include "remediator/reach/redfish.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/silent_host.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

constexpr const char* kSystem = "27946b59-9e44-4fa7-8e91-f3527a1ef094";
// htpasswd of medic, "s3cr3t".
constexpr const char* kHashed =
    "medic:$2b$05$HVgE.Ka4H5WifkK0uXjhOeJpETNTZ2qrEVbVJOkt0CrYYIyrwwy5C\n";

const std::filesystem::path kTools = FIELDMEDIC_SOURCE_DIR "/build/python";

struct Emulator {
  Emulator() {
    tree.write("pw", "s3cr3t\n");
    tree.write("users", kHashed);
    tree.write("emulator.conf",
               fmt::format("SUSHY_EMULATOR_FAKE_DRIVER = True\n"
                           "SUSHY_EMULATOR_STATE_DIR = '{0}'\n"
                           "SUSHY_EMULATOR_AUTH_FILE = '{0}/users'\n"
                           "SUSHY_EMULATOR_FEATURE_SET = 'full'\n"
                           "SUSHY_EMULATOR_FAKE_SYSTEMS = [{{'uuid': '{1}', 'name': 'fake', "
                           "'power_state': 'On', 'nics': []}}]\n",
                           tree.root.string(), kSystem));
    program.emplace(std::vector<std::string>{
        "/usr/bin/env", "PYTHONPATH=" + kTools.string(), "/usr/bin/python3", "-B", "-m",
        "sushy_tools.emulator.main", "--fake", "-i", "127.0.0.1", "-p", std::to_string(port),
        "--config", (tree.root / "emulator.conf").string()});
    power["redfish"] = {{"url", fmt::format("http://127.0.0.1:{}", port)},
                        {"system", kSystem},
                        {"username", "medic"},
                        {"password_file", (tree.root / "pw").string()},
                        {"ca_file", ""}};
  }
  Result<PowerSight> look(const std::string& password_file = "pw") {
    return make_redfish_power({fmt::format("http://127.0.0.1:{}", port), kSystem, "medic",
                               (tree.root / password_file).string(), ""},
                              http)
        ->look({});
  }
  // What it says of the power, or that it could not be asked.
  std::string state() {
    const auto seen = look();
    // It prints a line a request, and stops when nobody reads them.
    printed = program->errors();
    return seen ? seen->state : "not seen: " + seen.error().message;
  }
  int resets() {
    printed = program->errors();
    int count = 0;
    for (std::size_t at = 0; (at = printed.find("ComputerSystem.Reset HTTP", at)) != printed.npos;
         ++at)
      ++count;
    return count;
  }

  TempTree tree;
  int port = free_port();
  std::optional<ChildProgram> program;
  std::string printed;
  CurlHttpClient http;
  FakeRunner here;
  Json power{{"reset", "graceful"}, {"sick_hardware", false}};
};

}  // namespace

TEST_CASE("host_reboot by redfish: the emulator of sushy-tools is read and resets once") {
  if (!std::filesystem::exists(kTools / "sushy_tools")) {
    std::cout << "SKIP: sushy-tools is not there (scripts/setup)\n";
    return;
  }
  Emulator emulator;
  const bool is_up = eventually([&] { return emulator.look().has_value(); }, 60s);
  INFO(emulator.program->errors());
  INFO(emulator.state());
  REQUIRE(is_up);
  emulator.tree.write("wrong", "another\n");
  const auto denied = emulator.look("wrong");
  REQUIRE_FALSE(denied);
  CHECK(denied.error().code == Errc::Denied);

  SilentHost host(emulator.power, emulator.here, emulator.http);
  const auto plan = host.plan();
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  CHECK_THAT(plan->summary, Catch::StartsWith("GracefulRestart of lab by redfish ") &&
                                Catch::Contains("power On, health OK"));
  CHECK(host.apply(*plan, 30s).outcome == Applied::Done);
  // It is off for one to eleven seconds then.
  host.is_silent();
  CHECK(host.confirm(*plan).answer == Confirmed::Unknown);
  std::string state;
  const bool is_on_again = eventually(
      [&] {
        state = emulator.state();
        return state == "On";
      },
      60s);
  INFO(state);
  CHECK(is_on_again);
  CHECK(emulator.resets() == 1);
  host.clock.advance(60s);
  host.is_up_for(20);
  CHECK(host.confirm(*plan).answer == Confirmed::Applied);
}

}  // namespace fieldmedic
