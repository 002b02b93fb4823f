#include "remediator/group_health.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"

using namespace fieldmedic;

namespace {

constexpr const char* kVector =
    R"({"status":"success","data":{"resultType":"vector","result":[
      {"metric":{"__name__":"collector_up","collector":"orders","host":"h1"},"value":[1,"1"]},
      {"metric":{"__name__":"collector_up","collector":"orders","host":"h2"},"value":[1,"0"]},
      {"metric":{"__name__":"collector_up","collector":"orders","host":"other"},"value":[1,"1"]},
      {"metric":{"__name__":"collector_up","host":"h1"},"value":[1,"1"]},
      {"metric":{"__name__":"collector_up","collector":"archive","host":"h2"},"value":[1,"0"]}]}})";

}  // namespace

TEST_CASE("group health: what is up on the hosts of the group is well") {
  const auto health = parse_group_health(kVector, {"h1", "h2", "h3"});
  REQUIRE(health);
  CHECK(health->samples == 3);
  CHECK(health->well == decltype(health->well){{"archive", {}}, {"orders", {"h1"}}});
}

TEST_CASE("group health: what is no whole vector is an error, never an empty group") {
  for (
      const char* body :
      {"", "{}", "[]", "null", R"({"status":"error","error":"x"})",
       R"({"status":"success","data":{"resultType":"matrix","result":[]}})",
       R"({"status":"success","data":{"resultType":"vector","result":[1]}})",
       R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{"collector":"a","host":"h1"},"value":[1]}]}})",
       R"({"status":"success","warnings":["partial"],"data":{"resultType":"vector","result":[]}})"})
    DYNAMIC_SECTION(body) {
      CHECK_FALSE(parse_group_health(body, {"h1"}));
    }
}

TEST_CASE("group health: without a Prometheus it cannot be told") {
  FakeHttp http;
  const auto health = ask_group_health({}, http, {"h1"}, {});
  REQUIRE_FALSE(health);
  CHECK(health.error().code == Errc::Unavailable);
}
