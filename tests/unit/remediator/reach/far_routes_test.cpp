#include "remediator/reach/far_routes.hpp"

#include <utility>

#include "remediator/reach/far_switch.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/killed_in_time.hpp"

namespace fieldmedic {

namespace {

// As `ip -j -d -N -4 route show table 254 default` of iproute2 6.1 prints them.
const std::string kTelecom =
    R"({"type":"1","dst":"default","gateway":"10.78.0.1","dev":"telecom","protocol":"3","scope":"0","metric":100,"flags":[]})";
const std::string kUnicom =
    R"({"type":"1","dst":"default","gateway":"10.79.0.1","dev":"unicom","protocol":"3","scope":"0","metric":200,"flags":["linkdown"]})";
const std::string kSeveral =
    R"({"type":"1","dst":"default","protocol":"3","scope":"0","metric":50,"flags":[],"nexthops":[{"gateway":"10.78.0.1","dev":"telecom","weight":2,"flags":["dead"]}]})";
const std::string kOfOneTos =
    R"({"type":"1","dst":"default","tos":"0x04","gateway":"10.79.0.1","dev":"unicom","protocol":"3","scope":"0","flags":[]})";
const std::string kUnreachable =
    R"({"type":"7","dst":"default","protocol":"3","scope":"0","metric":1,"flags":[]})";
const std::string kRules = R"([{"priority":0,"src":"all","table":"255"},
  {"priority":100,"src":"all","table":"254","suppress_prefixlen":0},
  {"priority":101,"src":"all","table":"101"},
  {"priority":102,"src":"10.0.0.0","srclen":8,"fwmark":"0x7","table":"7"},
  {"priority":103,"not":null,"src":"all","iif":"lo","table":"7"},
  {"priority":104,"src":"all","action":"7"},
  {"priority":105,"src":"all","table":"7","suppress_ifgroup":"3"},
  {"priority":106,"src":"all","table":"254","suppress_prefixlen":24},
  {"priority":107,"src":"all","goto":32766},
  {"priority":108,"src":"all","ipproto":"ipproto-6","sport":80,"table":"7"},
  {"priority":32766,"src":"all","table":"254"}])";

std::string list(std::initializer_list<std::string> routes) {
  std::string text = "[";
  for (const std::string& route : routes) text += (text.size() > 1 ? "," : "") + route;
  return text + "]";
}

RouteSwitch replacing(const std::string& found) {
  return {SwitchBy::Replace,
          parse_default_routes(list({found})).value().front().exact,
          {"unicom", "10.79.0.1"},
          100,
          kMainTable};
}

std::string joined(const std::vector<std::string>& argv) {
  std::string text;
  for (const std::string& word : argv) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

TEST_CASE("far routes: those that carry traffic, by metric, without what passes") {
  const auto routes =
      parse_default_routes(list({kOfOneTos, kUnicom, kUnreachable, kTelecom, kSeveral}));
  REQUIRE(routes);
  REQUIRE(routes->size() == 3);
  CHECK((*routes)[0].way == RouteWay{});
  CHECK_FALSE((*routes)[0].exact.contains("dead"));
  CHECK((*routes)[1].way == RouteWay{"telecom", "10.78.0.1"});
  CHECK((*routes)[1].metric == 100);
  CHECK((*routes)[2].way.interface == "unicom");
  CHECK_FALSE((*routes)[2].exact.contains("linkdown"));
  CHECK(parse_default_routes("[]").value().empty());
  // One that is too large to be kept is told of, and never taken for another.
  std::string large = kTelecom;
  large.insert(large.size() - 1, ",\"x\":\"" + std::string(3000, 'x') + "\"");
  CHECK(parse_default_routes(list({large})).value().front().exact.empty());
}

TEST_CASE("far routes: what ip prints otherwise is no answer") {
  for (const std::string text :
       {"", "default via 10.78.0.1 dev telecom", "{}", "[1]", "[{}]", "[{\"dst\":\"default\"}]",
        R"([{"dst":"10.0.0.0/8","type":"1"}])", R"([{"dst":"default","type":1}])",
        R"([{"dst":"default","type":"1","metric":-1}])",
        R"([{"dst":"default","type":"1","metric":"many"}])",
        R"([{"dst":"default","type":"1","metric":4294967296}])"}) {
    INFO(text);
    CHECK_FALSE(parse_default_routes(text).has_value());
  }
  CHECK_FALSE(parse_default_routes(list({kTelecom}).substr(0, 60)).has_value());
  for (const char* text : {"", "0: from all lookup local", "[[]]", R"([{"priority":-1}])"}) {
    INFO(text);
    CHECK_FALSE(parse_policy_rules(text).has_value());
  }
}

TEST_CASE("far rules: what a rule says is told from what it does not say") {
  const auto rules = parse_policy_rules(kRules);
  REQUIRE(rules);
  const std::vector<PolicyRule> want{
      {0, 255, true, true},  {100, 254, true, false}, {101, 101, true, true},
      {102, 7, false, true}, {103, 7, false, true},   {104, 0, true, true},
      {105, 7, false, true}, {106, 254, false, true}, {107, 0, false, true},
      {108, 7, false, true}, {32766, 254, true, true}};
  CHECK(*rules == want);
}

TEST_CASE("far routes: what cannot be read over there is no sight") {
  struct Case {
    Result<ProcessResult> said;
    Errc want;
  };
  const Case cases[] = {
      {fail(Errc::Timeout, "late"), Errc::Timeout},
      {ProcessResult{127, 0, "", "env: 'ip': No such file or directory"}, Errc::Unavailable},
      {ProcessResult{1, 0, "", "Option \"-j\" is unknown"}, Errc::Unavailable},
      {ProcessResult{0, 9, "[]", ""}, Errc::Unavailable},
      {ProcessResult{0, 0, "default via 10.78.0.1", ""}, Errc::Io},
      {ProcessResult{0, 0, "[" + std::string(256 * 1024, '['), ""}, Errc::Io},
  };
  for (const Case& each : cases) {
    FakeRunner runner;
    runner.answer(each.said);
    const auto sight = look_at_far_switch(runner, SwitchBy::Metric, kMainTable, {});
    REQUIRE_FALSE(sight.has_value());
    CHECK(sight.error().code == each.want);
  }
  FakeRunner runner;
  runner.answer(ProcessResult{0, 0, list({kTelecom}), ""});
  runner.answer(
      ProcessResult{2, 0, "[", "Error: ipv4: FIB table does not exist.\nDump terminated"});
  runner.answer(ProcessResult{0, 0, kRules, ""});
  const auto sight = look_at_far_switch(runner, SwitchBy::Rule, 101, {});
  REQUIRE(sight);
  CHECK(sight->routes.size() == 1);
  CHECK(sight->of_table.empty());
  CHECK(sight->rules.size() == 11);
  CHECK(joined(runner.calls()[1].argv) ==
        "timeout -s KILL 6 ip -j -d -N -4 route show table 101 default");
  for (const Command& command : runner.calls()) CHECK(is_killed_in_time(command));
}

TEST_CASE("far switch: the commands that make it and take it back") {
  const RouteWay way{"unicom", "10.79.0.1"};
  const auto metric = far_switch({SwitchBy::Metric, "{}", way, 99, kMainTable}, AsRoot::BySudo);
  REQUIRE(metric);
  CHECK(joined(metric->make) ==
        "sudo -n -- /usr/sbin/ip -4 route add default via 10.79.0.1 dev unicom metric 99 table 254 "
        "proto static");
  CHECK(joined(metric->put_back) ==
        "sudo -n -- /usr/sbin/ip -4 route del default via 10.79.0.1 "
        "dev unicom metric 99 table 254");
  CHECK(joined(metric->look) ==
        "ip -4 route show default via 10.79.0.1 dev unicom metric 99 table 254");
  const auto on_link =
      far_switch({SwitchBy::Metric, "{}", {"unicom", ""}, 99, kMainTable}, AsRoot::Already);
  REQUIRE(on_link);
  CHECK(joined(on_link->make) ==
        "ip -4 route add default dev unicom metric 99 table 254 proto static");
  const auto replaced = far_switch(replacing(kTelecom), AsRoot::Already);
  REQUIRE(replaced);
  CHECK(joined(replaced->put_back) ==
        "ip -4 route replace default via 10.78.0.1 dev telecom proto 3 scope 0 metric 100 table "
        "254");
  const auto rule = far_switch({SwitchBy::Rule, "{}", way, 20'000, 101}, AsRoot::Already);
  REQUIRE(rule);
  CHECK(joined(rule->make) == "ip -4 rule add pref 20000 lookup 101");
  CHECK(joined(rule->put_back) == "ip -4 rule del pref 20000 lookup 101");
  CHECK(rule->looks_like == "20000: from all lookup 101");
}

TEST_CASE("far switch: a route that could not be put back exactly is not replaced") {
  const auto with = [](const std::string& more) {
    std::string route = kTelecom;
    return route.insert(route.size() - 1, "," + more);
  };
  for (const std::string& found :
       {kSeveral, with(R"("metrics":[{"mtu":1400}])"), with(R"("nhid":7)"),
        with(R"("via":{"family":"inet6","host":"fe80::1"})"), with(R"("prefsrc":["10.0.0.1"])"),
        with(R"("encap":"mpls")")}) {
    INFO(found);
    const auto made = far_switch(replacing(found), AsRoot::Already);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == Errc::Conflict);
  }
  CHECK(far_switch({SwitchBy::Replace, "0a0b", {"unicom", ""}, 1, kMainTable}, AsRoot::Already)
            .error()
            .code == Errc::Invalid);
}

}  // namespace fieldmedic
