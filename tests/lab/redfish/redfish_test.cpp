// host_reboot by Redfish, against a controller of the tests that is strict and lies on demand.
#include "remediator/reach/redfish.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/silent_host.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using core::Applied;
using core::Confirmed;
using namespace std::chrono_literals;

constexpr const char* kPassword = "s3cr3t word";

struct Lab {
  Lab() {
    const auto port = program.port();
    INFO(program.errors());
    REQUIRE(port);
    url = fmt::format("http://127.0.0.1:{}", *port);
    power["redfish"] = {{"url", url},
                        {"system", "1"},
                        {"username", "medic"},
                        {"password_file", (tree.root / "pw").string()},
                        {"ca_file", ""}};
  }
  SilentHost host() { return {power, here, http}; }
  // What has happened so far, after `order` was followed.
  Json control(const Json& order = Json::object()) {
    HttpRequest request;
    request.method = "POST";
    request.url = url + "/control";
    request.timeout = 60s;
    request.body = order.dump();
    const auto answer = http.send(request, {});
    INFO((answer ? answer->body : answer.error().message));
    REQUIRE(answer);
    return Json::parse(answer->body);
  }
  void fails(const char* method, const char* when, const Json& how) {
    control({{"fault", {{"method", method}, {when, how}}}});
  }
  Json resets() { return control()["resets"]; }

  TempTree tree{{{"pw", std::string(kPassword) + "\n"}}};
  ChildProgram program{
      {"/usr/bin/python3", "-B", FIELDMEDIC_SOURCE_DIR "/tests/fakes/redfish_bmc.py"}};
  std::string url;
  CurlHttpClient http;
  FakeRunner here;
  Json power{{"reset", "forced"}, {"sick_hardware", false}};
};

core::Plan right(const Result<core::Plan>& plan) {
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  return *plan;
}

}  // namespace

TEST_CASE("host_reboot by redfish: a silent host is reset once, and proved by its uptime") {
  Lab lab;
  SilentHost host = lab.host();
  const core::Plan plan = right(host.plan());
  CHECK(plan.summary ==
        "ForceRestart of lab by redfish " + lab.url +
            "/redfish/v1/Systems/1, without a drain or a flush, since it does not answer (ssh: no "
            "answer in time); power On, health OK");
  CHECK(plan.steps.size() == 1);
  CHECK(plan.resources == std::vector<std::string>{"host/lab"});
  CHECK(Json::parse(plan.steps[0].wanted) ==
        Json{{"reset", "ForceRestart"}, {"up", "since the plan"}});
  CHECK(host.apply(plan, 30s).outcome == Applied::Done);
  CHECK(lab.resets() == Json::array({"ForceRestart"}));
  // As after a crash: it was reset since, so not once more.
  CHECK(host.apply(plan, 30s).outcome == Applied::WorldDiffers);
  CHECK(lab.resets().size() == 1);

  host.is_silent();
  const ConfirmAnswer silent = host.confirm(plan);
  CHECK(silent.answer == Confirmed::InProgress);
  CHECK_THAT(silent.evidence, Catch::Contains("was reset at 2026-11-28T00:00:01Z"));
  host.clock.advance(60s);
  host.is_up_for(20);
  CHECK(host.confirm(plan).answer == Confirmed::Applied);
}

TEST_CASE("host_reboot by redfish: a host that was not booted anew proves nothing") {
  Lab lab;
  SilentHost host = lab.host();
  const core::Plan plan = right(host.plan());
  host.clock.advance(60s);
  host.clock.jump_wall(std::chrono::hours(5));  // whoever sets our clock
  host.is_up_for(60);
  CHECK(host.confirm(plan).answer == Confirmed::InProgress);  // the order may still be done
  host.clock.advance(61s);
  host.is_up_for(121);
  CHECK(host.confirm(plan).answer == Confirmed::NotApplied);
  host.is_up_for(119);
  CHECK(host.confirm(plan).answer == Confirmed::Applied);
  host.answers(SilentHost::kBoot);
  host.answers("nonsense");
  CHECK(host.confirm(plan).answer == Confirmed::Unknown);
}

TEST_CASE("host_reboot by redfish: only where the host does not answer") {
  Lab lab;
  SilentHost host = lab.host();
  SECTION("refused credentials are no silence") {
    host.far->answer(fail(Errc::Denied, "another host key"));
    CHECK(host.action()->plan({kOrders, {}}, {}).error().code == Errc::Denied);
  }
  SECTION("it answers again before it is reset") {
    const core::Plan plan = right(host.plan());
    host.answers(std::string(SilentHost::kBoot) + "\n");
    CHECK(host.action()->apply({own_attempt(), kOrders, plan, 0, 30s}, {}).outcome ==
          Applied::WorldDiffers);
  }
  SECTION("nobody can tell any more whether it does") {
    const core::Plan plan = right(host.plan());
    host.far->answer(fail(Errc::Denied, "another host key"));
    CHECK(host.action()->apply({own_attempt(), kOrders, plan, 0, 30s}, {}).outcome ==
          Applied::Refused);
  }
  CHECK(lab.resets().empty());
}

TEST_CASE("host_reboot by redfish: sick hardware is told and left alone") {
  Lab lab;
  const auto refused = [&](const char* why) {
    const auto plan = lab.host().plan();
    REQUIRE_FALSE(plan);
    CHECK(plan.error().code == Errc::Conflict);
    CHECK_THAT(plan.error().message, Catch::Contains(why));
  };
  const Json cpu{{"Name", "CPU1"}, {"Status", {{"Health", "Critical"}}}};
  SECTION("a part of it") {
    lab.control({{"thermal", {cpu}}});
    refused("CPU1 Critical");
    lab.power["sick_hardware"] = true;
    CHECK_THAT(right(lab.host().plan()).summary, Catch::Contains("CPU1 Critical"));
  }
  SECTION("a warning does not stop it") {
    lab.control({{"supplies", {{{"Name", "PSU1"}, {"Status", {{"Health", "Warning"}}}}}}});
    CHECK_THAT(right(lab.host().plan()).summary, Catch::Contains("PSU1 Warning"));
  }
  SECTION("nothing is said") {
    lab.control({{"system", {{"Status", {{"State", "Enabled"}}}}}});
    refused("the controller does not say");
  }
  SECTION("it is off") {
    lab.control({{"system", {{"PowerState", "Off"}}}});
    refused("not switched on");
  }
  SECTION("between plan and reset") {
    SilentHost host = lab.host();
    const core::Plan plan = right(host.plan());
    lab.control({{"thermal", {cpu}}});
    CHECK(host.apply(plan, 30s).outcome == Applied::WorldDiffers);
  }
  CHECK(lab.resets().empty());
}

TEST_CASE("host_reboot by redfish: only a reset that the controller declares") {
  Lab lab;
  const auto chosen = [&] {
    const auto plan = lab.host().plan();
    return plan ? Json::parse(plan->steps[0].wanted)["reset"].get<std::string>()
                : plan.error().message;
  };
  lab.control({{"resets", {"On", "PowerCycle"}}});
  CHECK(chosen() == "PowerCycle");
  lab.control({{"action_info", true}});
  CHECK(chosen() == "PowerCycle");
  lab.control({{"resets", {"On", "ForceOff"}}});
  CHECK_THAT(chosen(), Catch::Contains("takes no ForceRestart"));
  lab.power["reset"] = "graceful";
  CHECK_THAT(chosen(), Catch::Contains("takes no GracefulRestart"));
  lab.control({{"resets", {"GracefulRestart", "ForceRestart"}}});
  CHECK(chosen() == "GracefulRestart");
  lab.control({{"action_info", false}, {"resets", nullptr}});
  CHECK_THAT(chosen(), Catch::Contains("takes no"));
}

TEST_CASE("host_reboot by redfish: a reset whose answer is lost is settled by reading") {
  Lab lab;
  SilentHost host = lab.host();
  const core::Plan plan = right(host.plan());
  for (const Json& how : {Json("close"), Json(500), Json(503), Json("endless")}) {
    INFO(how);
    lab.fails("POST", "before", how);
    CHECK(host.apply(plan, 30s).outcome == Applied::Unknown);
    host.is_silent();
    CHECK(host.confirm(plan).answer == Confirmed::Unknown);
  }
  lab.fails("POST", "before", "600");
  CHECK(host.apply(plan, 6s).outcome == Applied::Unknown);  // it hangs
  lab.control({{"stuck", true}});
  CHECK(host.apply(plan, 30s).outcome == Applied::Done);  // and nothing comes of it
  host.is_silent();
  CHECK(host.confirm(plan).answer == Confirmed::Unknown);
  lab.control({{"stuck", false}});
  lab.fails("POST", "after", "close");
  CHECK(host.apply(plan, 30s).outcome == Applied::Unknown);
  host.is_silent();
  CHECK(host.confirm(plan).answer == Confirmed::InProgress);
}

TEST_CASE("host_reboot by redfish: what the controller refuses changes nothing, and is told") {
  Lab lab;
  SilentHost host = lab.host();
  const core::Plan plan = right(host.plan());
  lab.fails("POST", "before", 403);
  const ApplyAnswer refused = host.apply(plan, 30s);
  CHECK(refused.outcome == Applied::Refused);
  CHECK_THAT(refused.evidence, Catch::Contains("of a role that may do this") &&
                                   Catch::Contains("***") && !Catch::Contains(kPassword));
  lab.fails("GET", "before", 503);
  CHECK(host.apply(plan, 30s).outcome == Applied::Refused);
  lab.fails("GET", "before", "endless");
  CHECK(host.plan().error().code == Errc::TooLarge);
  lab.tree.write("pw", "another\n");
  CHECK(host.plan().error().code == Errc::Denied);
  CHECK(lab.resets().empty());
}

TEST_CASE("host_reboot by redfish: the password goes to no other server") {
  Lab lab;
  Lab other;
  SilentHost host = lab.host();
  lab.fails("GET", "before", {{"status", 307}, {"location", other.url + "/redfish/v1/Systems/1"}});
  CHECK_THAT(host.plan().error().message, Catch::Contains("a redirect is not followed"));
  const core::Plan plan = right(host.plan());
  lab.fails("POST", "before", {{"status", 308}, {"location", other.url + "/redfish/v1/x"}});
  CHECK(host.apply(plan, 30s).outcome == Applied::Unknown);
  lab.control({{"target", other.url + "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset"}});
  CHECK(host.plan().error().code == Errc::Malformed);
  CHECK(other.control()["passwords"].empty());
}

}  // namespace fieldmedic
