#include "tool/answer_text.hpp"

#include "tests/catch.hpp"

namespace fieldmedic::tool {
namespace {

TEST_CASE("tool: incidents are a table, or said to be none") {
  CHECK(incidents_text(R"({"incidents":[]})") == "no incidents\n");
  CHECK(incidents_text(R"({"incidents":[
    {"id":17,"state":"waiting","target":"collector/orders@sh-01","playbook":"down",
     "opened_at":"2026-11-26T10:00:00.000Z","reason":"window release is open"},
    {"id":9,"state":"recovered","target":"host/sh-02","playbook":"p","opened_at":"x"}]})") ==
        "ID  STATE      TARGET                  PLAYBOOK  OPENED                    REASON\n"
        "17  waiting    collector/orders@sh-01  down      2026-11-26T10:00:00.000Z  window release "
        "is open\n"
        "9   recovered  host/sh-02              p         x                         -\n");
  CHECK_FALSE(incidents_text("<html>"));
}

TEST_CASE("tool: an incident that asks says how to answer") {
  const auto text = incident_text(R"({"id":17,"target":"host/sh-01","state":"waiting_approval",
    "playbook":"down","mode":"act","tier_name":"reboot","attempts":1,"reason":"waits",
    "approval":{"hash":"3f2a9c41d07be581","what":"reboot sh-01","from":"admin",
                "expires_at":"soon","otherwise":"hand_over"},
    "checks":[{"check":"process","verdict":"fail","evidence":"no process","since":"then"}],
    "timeline":[{"seq":1,"at":"T1","wall":"T1","epoch":2,"event":"plan_made","attempt":"a-17-1",
                 "plan":{"steps":[],"summary":"reboot sh-01"}}]})");
  REQUIRE(text);
  CHECK(*text == R"(incident 17: host/sh-01 is waiting_approval
reason      waits
playbook    down (act)
remedy      reboot
attempts    1

It asks: may this be done?  reboot sh-01
  from admin, until soon, otherwise: hand_over
  yes: fieldmedic approve 17 3f2a9c41d07be581
  no:  fieldmedic cancel 17 --reason TEXT

CHECK    VERDICT  SINCE  EVIDENCE
process  fail     then   no process

AT  EVENT      DETAILS
T1  plan_made  attempt=a-17-1  plan=reboot sh-01
)");
}

TEST_CASE("tool: an incident that ended says how long it took, one that is open does not") {
  CHECK(incident_text(R"({"id":1,"ended_at":"T2","took_seconds":10.077})")
            ->ends_with("ended       T2\ntook        10.077 s\n"));
  CHECK_FALSE(incident_text(R"({"id":1})")->contains("took"));
}

TEST_CASE("tool: leases are a table, or said to be none") {
  CHECK(leases_text(R"({"leases":[]})") == std::string("nothing is changed for a time\n"));
  const auto text = leases_text(
      R"({"leases":[{"id":18,"state":"held","incident":17,"change":"divert orders",)"
      R"("resource":"host/h1/divert/spool","ends_at":"2026-11-27T20:00:00Z","reason":""}]})");
  REQUIRE(text);
  CHECK(text->find("18  held   17        divert orders") != std::string::npos);
}

TEST_CASE("tool: brakes are a table, or said to be none") {
  CHECK(brakes_text(R"({"paused":{},"open_breakers":{}})") ==
        "nothing is paused, no breaker is open\n");
  CHECK(brakes_text(R"({"paused":{"all":"by bob"},"open_breakers":{"playbook/p/group/g":""}})") ==
        "BRAKE    SCOPE               WHY\n"
        "paused   all                 by bob\n"
        "breaker  playbook/p/group/g  -\n");
}

}  // namespace
}  // namespace fieldmedic::tool
