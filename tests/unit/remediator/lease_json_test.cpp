// What people read of a temporary change.
#include "remediator/lease_json.hpp"

#include <nlohmann/json.hpp>

#include "remediator/core/fold.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/every_event.hpp"

using namespace fieldmedic;

TEST_CASE("leases as JSON: what is changed, what ends it and what its checks said") {
  core::State state;
  for (const core::Event& event : every_event()) {
    core::fold(state, event);
    if (std::holds_alternative<core::LeaseLooked>(event.payload)) break;
  }
  const auto json = nlohmann::json::parse(leases_json(state));
  REQUIRE(json["leases"].size() == 1);
  const auto& lease = json["leases"][0];
  CHECK(lease["id"] == 24);
  CHECK(lease["incident"] == 23);
  CHECK(lease["state"] == "held");
  CHECK(lease["resource"] == "host/sh-02/divert/var/spool/orders");
  CHECK(lease["change"] == "divert orders to /mnt/spare");
  CHECK(lease["when_away"] == "dead_man");
  CHECK(lease["target"] == "collector/orders@sh-02");
  CHECK(lease["until"][0]["check"] == "promql");
  CHECK(lease["until"][0]["verdict"] == "fail");
  CHECK(lease["until"][0]["evidence"] == "disk_slow is 1");
  CHECK_FALSE(lease.contains("undo"));
}
