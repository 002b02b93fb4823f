// What a Redfish service says of a system and of what is around it.
#include "remediator/reach/redfish_answers.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

// Of a system whose reset is posted to `target`, with `more` beside it.
std::string system_of(const std::string& target, const std::string& more) {
  return R"({"PowerState": "On", "Actions": {"#ComputerSystem.Reset": {"target": ")" + target +
         R"("}})" + more + "}";
}

constexpr const char* kReset = "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset";

}  // namespace

TEST_CASE("redfish: a system is read with its health, its resets and where they go") {
  const auto system = read_redfish_system(R"({
    "PowerState": "On", "LastResetTime": "2026-11-01T00:00:00Z",
    "Status": {"Health": "OK", "HealthRollup": "Warning"},
    "Links": {"Chassis": [{"@odata.id": "/redfish/v1/Chassis/A"}, {"@odata.id": "x"}]},
    "Actions": {"#ComputerSystem.Reset": {
      "target": "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset",
      "ResetType@Redfish.AllowableValues": ["On", "PowerCycle", "Nmi", 7, "ForceRestart"]}}})");
  REQUIRE(system);
  CHECK(system->sight.is_on);
  CHECK(system->sight.health == HardwareHealth::Warning);
  CHECK(system->sight.evidence == "power On, health Warning");
  CHECK(system->sight.last_reset == "2026-11-01T00:00:00Z");
  CHECK(system->sight.can == std::vector{PowerReset::ForceRestart, PowerReset::PowerCycle});
  CHECK(system->reset_path == kReset);
  CHECK(system->chassis_path == "/redfish/v1/Chassis/A");
}

TEST_CASE("redfish: health that is not said is unknown, never well") {
  for (const char* more : {"", R"(,"Status": {})", R"(,"Status": {"Health": null})",
                           R"(,"Status": {"Health": "Fine"})", R"(,"Status": "OK")"}) {
    INFO(more);
    const auto system = read_redfish_system(system_of(kReset, more));
    REQUIRE(system);
    CHECK(system->sight.health == HardwareHealth::Unknown);
  }
}

TEST_CASE("redfish: what is no system, or leads elsewhere, is refused") {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{"), std::string(R"({"PowerState": 1})"),
        system_of("https://evil.example/redfish/v1/x", ""), system_of("//evil.example/x", ""),
        system_of("/redfish/../x", ""), system_of("/redfish//evil", ""),
        system_of("/redfish/v1/a b", ""), system_of("@evil.example/", ""),
        system_of(kReset, R"(,"Links": {"Chassis": [{"@odata.id": "http://evil.example"}]})")}) {
    INFO(text);
    const auto system = read_redfish_system(text);
    REQUIRE_FALSE(system);
    CHECK(system.error().code == Errc::Malformed);
  }
}

TEST_CASE("redfish: the resets of an ActionInfo") {
  CHECK(read_action_info(R"({"Parameters": [{"Name": "x"}, {"Name": "ResetType",
                             "AllowableValues": ["GracefulRestart", "Off"]}]})") ==
        std::vector{PowerReset::GracefulRestart});
  CHECK(read_action_info("{}").empty());
  CHECK(read_action_info("").empty());
}

TEST_CASE("redfish: of parts the worst, and which they are") {
  const RedfishParts parts = read_redfish_parts(R"({
    "Name": "Thermal", "Status": {"Health": "OK"},
    "Temperatures": [{"Name": "CPU1", "Status": {"Health": "Critical"}}, {"Name": "Inlet"}, 7],
    "Fans": [{"Name": "Fan1\nx", "Status": {"Health": "Warning"}}],
    "Power": {"@odata.id": "http://evil.example/redfish/"}})");
  CHECK(parts.health == HardwareHealth::Critical);
  CHECK(parts.sick == std::vector<std::string>{"CPU1 Critical", "Fan1 x Warning"});
  CHECK(parts.power_path.empty());
  std::string many = R"({"Fans": [)";
  for (int i = 0; i < 300; ++i) many += R"({"Status": {"Health": "Warning"}},)";
  CHECK(read_redfish_parts(many + "{}]}").sick.size() == 8);
  CHECK(read_redfish_parts("nonsense").health == HardwareHealth::Unknown);
}

TEST_CASE("redfish: what a refusal means, without the password") {
  const std::pair<int, Errc> cases[] = {
      {401, Errc::Denied},      {403, Errc::Denied}, {404, Errc::NotFound}, {400, Errc::Invalid},
      {429, Errc::Unavailable}, {408, Errc::Io},     {503, Errc::Io},       {302, Errc::Io}};
  for (const auto& [status, code] : cases) {
    INFO(status);
    const Error error = explain_redfish_refusal(
        {status, R"({"error": {"message": "you said pw!pw!"}})", {}}, "reset", Secret("pw!"));
    CHECK(error.code == code);
    CHECK_THAT(error.message, Catch::StartsWith("reset: the controller answered ") &&
                                  Catch::Contains("you said ***") && !Catch::Contains("pw!"));
  }
  // It stands in what it is hidden by.
  CHECK_THAT(
      explain_redfish_refusal({400, R"({"error": {"message": "a*b*"}})", {}}, "reset", Secret("*"))
          .message,
      Catch::EndsWith("(a***b***)"));
}

}  // namespace fieldmedic
