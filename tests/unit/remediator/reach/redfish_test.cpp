// A host's power by Redfish: what is asked before a reset, and when none is sent.
#include "remediator/reach/redfish.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

TEST_CASE("redfish: a reset that is not declared any more is not posted anywhere") {
  const TempTree tree{{{"bmc", "s3cr3t\n"}}};
  FakeHttp http;
  const auto power = make_redfish_power(
      {"https://bmc.example", "1", "medic", (tree.root / "bmc").string(), ""}, http);
  const auto reset = [&](const std::string& actions) {
    http.answer(200, R"({"PowerState": "On", "Actions": {)" + actions + "}}");
    return power->reset(PowerReset::ForceRestart, std::chrono::seconds(7), {});
  };
  for (const std::string actions :
       {R"()", R"("#ComputerSystem.Reset": {"target": "/redfish/v1/r"})",
        R"("#ComputerSystem.Reset": {"ResetType@Redfish.AllowableValues": ["ForceRestart"]})"}) {
    INFO(actions);
    const std::size_t before = http.sent().size();
    const auto done = reset(actions);
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::Conflict);
    REQUIRE(http.sent().size() == before + 1);
    CHECK(http.sent().back().method == "GET");
  }
  http.answer(200, R"({"PowerState": "On", "Actions": {"#ComputerSystem.Reset":
      {"target": "/redfish/v1/r", "ResetType@Redfish.AllowableValues": ["ForceRestart"]}}})");
  http.answer(204, "");
  CHECK(power->reset(PowerReset::ForceRestart, std::chrono::seconds(7), {}));
  CHECK(http.sent().back().url == "https://bmc.example/redfish/v1/r");
  CHECK(http.sent().back().method == "POST");
}

}  // namespace fieldmedic
