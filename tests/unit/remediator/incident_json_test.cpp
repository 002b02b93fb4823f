// An incident as the API shows it.
#include "remediator/incident_json.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("incident as JSON: every time of its timeline is one that people read") {
  using namespace std::chrono_literals;
  const core::Time at{1'795'000'000'000ms};
  core::Incident incident;
  incident.playbook = std::make_shared<const core::Playbook>();
  std::vector<Record> timeline(2);
  timeline[0].event = {at, core::GuardRefused{1, "cooldown", "wait", at + 1s}};
  core::AlertReceived received;
  received.key = {"alertmanager", "f", at + 2s};
  timeline[1].event = {at, received};

  const auto json = nlohmann::json::parse(incident_json(incident, timeline, {}));
  const auto& shown = json.at("timeline");
  REQUIRE(shown.size() == 2);
  CHECK(shown[0].at("at") == "2026-11-18T11:06:40.000Z");
  CHECK(shown[0].at("retry_at") == "2026-11-18T11:06:41.000Z");
  CHECK(shown[0].at("reason") == "wait");
  CHECK(shown[1].at("key").at("starts_at") == "2026-11-18T11:06:42.000Z");
}

}  // namespace fieldmedic
