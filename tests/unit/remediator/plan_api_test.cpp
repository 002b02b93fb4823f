// What a plan may be asked with, and how it is answered.
#include "remediator/plan_api.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/scenario.hpp"

using namespace fieldmedic;

TEST_CASE("plan: labels are strings within bounds") {
  const auto alert = read_plan_request(R"({"labels":{"alertname":"Down","host":"上海"}})");
  REQUIRE(alert);
  CHECK(alert->labels == core::LabelMap{{"alertname", "Down"}, {"host", "上海"}});

  std::string many = R"({"labels":{"a":"b")";
  for (int i = 0; i < 64; ++i) many += ",\"l" + std::to_string(i) + "\":\"v\"";
  const std::string wrong[] = {"",
                               "[]",
                               "{}",
                               R"({"labels":[]})",
                               R"({"labels":{}})",
                               R"({"labels":{"a":1}})",
                               R"({"labels":{"a":"b"},"more":1})",
                               R"({"labels":{"a":")" + std::string(4097, 'x') + "\"}}",
                               many + "}}",
                               std::string(60'000, '[')};
  for (const std::string& body : wrong) {
    const auto refused = read_plan_request(body);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::Invalid);
    CHECK(refused.error().message.size() < 200);
  }
}

TEST_CASE("plan: the answer holds what would be done, what does not fit and what holds it back") {
  Forecast forecast;
  forecast.routed.playbook = std::make_shared<const core::Playbook>(core::two_tiers());
  forecast.routed.target = {core::TargetKind::Collector, "orders", "h1", "g"};
  forecast.open_incident = 17;
  forecast.waits_for = 12;
  forecast.checks = {{core::Verdict::Fail, "no process"}, {core::Verdict::Unknown, "not asked"}};
  const auto& tiers = forecast.routed.playbook->tiers;
  forecast.tiers.push_back({tiers[0], core::plan_of({"stop pid 7", "start"}), "3f2a",
                            core::Refusal{core::Guard::Paused, "paused by bob", core::Time{}}});
  forecast.tiers.push_back({tiers[1], fail(Errc::NotFound, "no unit orders.service"), {}});

  core::Tier conditional = tiers[1];
  conditional.when = "labels.zone == north";
  forecast.tiers.push_back({conditional,
                            fail(Errc::Cancelled, "x"),
                            {},
                            {},
                            {core::Truth::No, "its condition does not hold", false}});

  const auto json = nlohmann::json::parse(forecast_json(forecast));
  CHECK(json["tiers"][2]["when"] == "labels.zone == north");
  CHECK(json["tiers"][2]["left_out"] == "its condition does not hold");
  CHECK_FALSE(json["tiers"][2].contains("no_plan"));
  CHECK_FALSE(json["tiers"][0].contains("left_out"));
  CHECK(json["target"] == "collector/orders@h1");
  CHECK(json["open_incident"] == 17);
  CHECK(json["waits_for"] == 12);
  CHECK(json["checks"][0]["verdict"] == "fail");
  CHECK(json["tiers"][0]["plan"]["hash"] == "3f2a");
  CHECK(json["tiers"][0]["plan"]["steps"] == nlohmann::json{"stop pid 7", "start"});
  CHECK(json["tiers"][0]["refused"]["guard"] == "paused");
  CHECK(json["tiers"][0]["refused"]["for_good"] == false);
  CHECK(json["tiers"][1]["no_plan"] == "no unit orders.service");
  CHECK_FALSE(json["tiers"][1].contains("plan"));
}

TEST_CASE("plan: an alert that opens nothing says why") {
  Forecast forecast;
  forecast.routed.ignored = core::IgnoreReason::BadTarget;
  forecast.routed.why = "the inventory has no host";
  CHECK(forecast_json(forecast) ==
        "{\"ignored\":\"bad_target\",\"why\":\"the inventory has no host\"}\n");
}
