// Default routes of a host of its own with two real links, changed and put back.
#include "remediator/reach/route_switch.hpp"

#include <algorithm>
#include <string>
#include <vector>

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

TEST_CASE("rules: a switch by a policy rule is made once and put back exactly") {
  const NetworkLab lab;
  if (!lab.ready()) return;
  REQUIRE(NetworkLab::run({"ip", "route", "add", "default", "via", "10.79.0.1", "table", "101"}));
  const auto before = policy_rules().value();
  const auto found = routes();
  const RouteSwitch planned{SwitchBy::Rule, found.front().exact, kUnicom, 20'000, 101};
  CHECK(parse_switch(switch_json(planned)).value() == planned);
  CHECK(state(planned) == SwitchState::AsFound);
  REQUIRE(make_switch(planned));
  CHECK(state(planned) == SwitchState::Switched);
  CHECK(make_switch(planned).error().code == Errc::Conflict);
  SECTION("as it was left") {}
  SECTION("and its link went down") {
    REQUIRE(NetworkLab::run({"ip", "link", "set", "unicom", "down"}));
    CHECK(state(planned) == SwitchState::Switched);
  }
  REQUIRE(put_switch_back(planned));
  CHECK(policy_rules().value() == before);
  CHECK(put_switch_back(planned));
}

TEST_CASE("rules: what another changed is left alone") {
  const NetworkLab lab;
  if (!lab.ready()) return;
  const RouteSwitch planned{SwitchBy::Rule, routes().front().exact, kUnicom, 20'000, 101};
  CHECK(make_switch(planned).error().code == Errc::Conflict);  // the table leads nowhere
  REQUIRE(NetworkLab::run({"ip", "route", "add", "default", "via", "10.79.0.1", "table", "101"}));
  SECTION("another rule of that priority") {
    REQUIRE(NetworkLab::run({"ip", "rule", "add", "pref", "20000", "lookup", "102"}));
  }
  SECTION("ours, but of some packets") {
    REQUIRE(
        NetworkLab::run({"ip", "rule", "add", "pref", "20000", "fwmark", "7", "lookup", "101"}));
  }
  SECTION("another beside ours") {
    REQUIRE(make_switch(planned));
    REQUIRE(NetworkLab::run(
        {"ip", "rule", "add", "pref", "20000", "from", "10.0.0.0/8", "lookup", "102"}));
  }
  const auto theirs = policy_rules().value();
  CHECK(state(planned) == SwitchState::Other);
  CHECK(make_switch(planned).error().code == Errc::Conflict);
  CHECK(put_switch_back(planned).error().code == Errc::Conflict);
  CHECK(policy_rules().value() == theirs);
}

TEST_CASE("rules: what a rule says is told from what it does not say") {
  const NetworkLab lab;
  if (!lab.ready()) return;
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"lookup", "main", "suppress_prefixlength", "0"},
        {"suppress_prefixlength", "24", "lookup", "7"},
        {"from", "10.0.0.0/8", "lookup", "7"},
        {"fwmark", "7", "lookup", "7"},
        {"iif", "unicom", "lookup", "7"},
        {"not", "from", "10.0.0.0/8", "lookup", "7"},
        {"ipproto", "tcp", "lookup", "7"},
        {"unreachable"},
        {"lookup", "7"}}) {
    std::vector<std::string> argv{"ip", "rule", "add", "pref", "30"};
    argv.insert(argv.end(), more.begin(), more.end());
    INFO(more.front() << " " << more.back());
    REQUIRE(NetworkLab::run(argv));
    const auto rules = policy_rules().value();
    const auto rule = std::ranges::find(rules, 30U, &PolicyRule::priority);
    REQUIRE(rule != rules.end());
    const bool plain = more.size() == 2;
    const bool suppresses = more.size() == 4 && more.front() == "lookup";
    CHECK(rule->of_all == (plain || suppresses || more.front() == "unreachable"));
    CHECK(rule->lends_default == !suppresses);
    CHECK(rule->table == (suppresses ? kMainTable : more.front() == "unreachable" ? 0U : 7U));
    REQUIRE(NetworkLab::run({"ip", "rule", "del", "pref", "30"}));
  }
  CHECK(remove_policy_rule(30, 7).error().code == Errc::Conflict);
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
