// Default routes of a host of its own with two real links, changed and put back.
#include "remediator/reach/route_switch.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/network_lab.hpp"

namespace fieldmedic {

namespace {

const RouteWay kTelecom{"telecom", "10.78.0.1"};
const RouteWay kUnicom{"unicom", "10.79.0.1"};

std::vector<DefaultRoute> routes() {
  auto read = default_routes(kMainTable);
  REQUIRE(read.has_value());
  return *read;
}

RouteSwitch to_unicom(SwitchBy by) {
  const auto carrying = routes().front();
  return {by, carrying.exact, kUnicom, by == SwitchBy::Replace ? carrying.metric : 50, kMainTable};
}

SwitchState state(const RouteSwitch& planned) {
  return read_switch_state(planned).value();
}

}  // namespace

TEST_CASE("routes: the default routes of a host are read by metric") {
  const NetworkLab lab;
  if (!lab.ready()) return;
  const auto read = routes();
  REQUIRE(read.size() == 2);
  CHECK(read[0].way == kTelecom);
  CHECK(read[0].metric == 100);
  CHECK(read[1].way == kUnicom);
  CHECK(read[1].metric == 200);
  CHECK(read[0].exact != read[1].exact);
  CHECK(default_routes(77).value().empty());
}

TEST_CASE("routes: a switch is made once and put back exactly") {
  for (const SwitchBy by : {SwitchBy::Metric, SwitchBy::Replace}) {
    INFO(to_string(by));
    const NetworkLab lab;
    if (!lab.ready()) return;
    // What a plain route has not, to see that all of it comes back.
    REQUIRE(NetworkLab::run({"ip", "route", "replace", "default", "via", "10.78.0.1", "metric",
                             "100", "src", "10.78.0.2", "mtu", "1400", "proto", "42"}));
    const auto before = routes();
    const auto planned = to_unicom(by);
    CHECK(state(planned) == SwitchState::AsFound);
    REQUIRE(make_switch(planned));
    CHECK(state(planned) == SwitchState::Switched);
    CHECK(routes().front().way == kUnicom);
    CHECK(make_switch(planned).error().code == Errc::Conflict);
    CHECK(parse_switch(switch_json(planned)).value() == planned);
    REQUIRE(put_switch_back(planned));
    CHECK(routes() == before);
    CHECK(state(planned) == SwitchState::AsFound);
    CHECK(put_switch_back(planned));
    CHECK(routes() == before);
  }
}

TEST_CASE("routes: what another changed is left alone") {
  const NetworkLab lab;
  if (!lab.ready()) return;
  const auto planned = to_unicom(SwitchBy::Replace);
  REQUIRE(
      NetworkLab::run({"ip", "route", "change", "default", "via", "10.78.0.9", "metric", "100"}));
  const auto theirs = routes();
  CHECK(make_switch(planned).error().code == Errc::Conflict);
  CHECK(put_switch_back(planned).error().code == Errc::Conflict);
  CHECK(routes() == theirs);
}

TEST_CASE("routes: a change that cannot be made says why") {
  const NetworkLab lab;
  if (!lab.ready()) return;
  const auto before = routes();
  CHECK(add_default_route(kMainTable, {"nosuch", ""}, 5).error().code == Errc::Invalid);
  CHECK(add_default_route(kMainTable, {"unicom", "10.78.0.1"}, 5).error().code == Errc::Invalid);
  CHECK(add_default_route(kMainTable, kUnicom, 200).error().code == Errc::Conflict);
  CHECK(put_default_route("00").error().code == Errc::Invalid);
  CHECK(put_default_route("zz").error().code == Errc::Invalid);
  CHECK(routes() == before);
}

}  // namespace fieldmedic
