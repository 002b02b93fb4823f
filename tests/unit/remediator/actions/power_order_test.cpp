// How host_reboot reaches a host's power: as read, as journaled, and of one host.
#include "remediator/actions/power_order.hpp"

#include <nlohmann/json.hpp>

#include "remediator/actions/actions.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/far_host.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

struct Files {
  TempTree tree{{{"pw", "s3cr3t\n"}}};
  std::string user = "username: medic, password_file: " + (tree.root / "pw").string();
};

struct Read {
  core::Spec spec;
  std::string errors;
};

Read read(const std::string& power, const std::string& beside = "without_drain: allowed") {
  ConfigErrors errors;
  const YamlMap map =
      parse_yaml("t.yml", "host_reboot:\n  power: {" + power + "}\n  " + beside + "\n", errors);
  Read read{read_action(map), {}};
  map.done();
  read.errors = errors.text();
  return read;
}

}  // namespace

TEST_CASE("host_reboot by power: read, journaled without a secret, and made for a host") {
  const Files files;
  FakeHttp http;
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  ActionTools tools{runner, clock, far_inventory_of({}), {}, systemd};
  tools.http = &http;
  const std::pair<std::string, std::string> cases[] = {
      {"redfish: {url: 'https://{{ target.host }}-bmc.example', system: 'S-{{ target.host }}', " +
           files.user + "}",
       "redfish https://sh-01-bmc.example/redfish/v1/Systems/S-sh-01"},
      {"ipmi: {address: '{{ target.host }}-bmc', " + files.user + "}, reset: power_cycle",
       "ipmi sh-01-bmc:623"},
      {"redfish: {url: 'http://127.0.0.1:9', system: '1', " + files.user + "}, reset: graceful",
       "redfish http://127.0.0.1:9/redfish/v1/Systems/1"}};
  for (const auto& [text, name] : cases) {
    INFO(text);
    const Read got = read(text);
    CHECK(got.errors.empty());
    CHECK_THAT(got.spec.arguments, !Catch::Contains("s3cr3t"));
    CHECK(make_action(got.spec, tools).has_value());
    const auto json = nlohmann::json::parse(got.spec.arguments)["power"];
    const auto order = parse_power_order(json.dump());
    REQUIRE(order);
    CHECK(power_order_json(*order) == json.dump());
    const auto power = power_of(*order, "sh-01", tools);
    REQUIRE(power);
    CHECK((*power)->name() == name);
  }
}

TEST_CASE("host_reboot by power: what is wrong is told with its place") {
  const Files files;
  const std::string redfish = "redfish: {url: 'https://b', system: '1', " + files.user + "}";
  const std::pair<std::string, const char*> cases[] = {
      {"", "t.yml:2:10: 'power' wants one of 'redfish' and 'ipmi'"},
      {redfish + ", ipmi: {address: b, " + files.user + "}", "wants one of"},
      {redfish + ", reset: hard", "'reset' wants one of"},
      {redfish + ", sick_hardware: true", "'sick_hardware' wants one of"},
      {redfish + ", force: 1", "unknown key 'force'"},
      {"redfish: {url: 'https://b/x', system: '1', " + files.user + "}", "wants no path"},
      {"redfish: {url: 'http://b', system: '1', " + files.user + "}", "wants https://"},
      {"redfish: {url: 'http://{{ target.host }}', system: '1', " + files.user + "}", "https://"},
      {"redfish: {url: 'https://u:p@b', system: '1', " + files.user + "}", "'url'"},
      {"redfish: {url: 'https://b', system: '../x', " + files.user + "}", "'system' wants"},
      {"redfish: {url: 'https://{{ labels.a }}', system: '1', " + files.user + "}",
       "only target.host is known"},
      {"redfish: {url: 'https://b', " + files.user + "}", "'system' is missing"},
      {"ipmi: {address: '-oProxy', " + files.user + "}", "'address' wants"},
      {"ipmi: {address: b, port: 0, " + files.user + "}", "port"},
      {"ipmi: {address: b, username: '-x', password_file: /none}", "'username' wants"},
      {"ipmi: {address: b, username: x, password_file: /none/pw}", "/none/pw"},
      {"ipmi: {address: b, username: x}", "password_file"},
      {"ipmi: {address: b, " + files.user + "}, reset: graceful", "IPMI knows no graceful"},
  };
  for (const auto& [power, why] : cases) {
    INFO(power);
    const Read got = read(power);
    INFO(got.errors);
    CHECK_THAT(got.errors, Catch::Contains(why));
    CHECK_THAT(got.errors, !Catch::Contains("s3cr3t"));
  }
  CHECK_THAT(read(redfish, "drain: [/bin/drain]").errors,
             Catch::Contains("'power' wants 'without_drain: allowed'"));
}

TEST_CASE("host_reboot by power: what is no text, or nothing, is told once") {
  const Files files;
  const std::pair<std::string, const char*> cases[] = {
      {"redfish: {url: [x], system: '1', " + files.user + "}",
       "t.yml:2:26: 'url' wants text, got a list"},
      {"redfish: {url: 'https://b', system: {a: 1}, " + files.user + "}",
       "t.yml:2:47: 'system' wants text, got a mapping"},
      {"ipmi: {address: '', " + files.user + "}", "t.yml:2:27: 'address' must not be empty"},
  };
  for (const auto& [power, told] : cases) CHECK(read(power).errors == told);
}

TEST_CASE("host_reboot by power: a password that IPMI does not take is told now") {
  const TempTree tree({{"longest", "01234567890123456789\n"}, {"long", "012345678901234567890\n"}});
  const auto with = [&](const char* name) {
    return read("ipmi: {address: b, username: m, password_file: " + (tree.root / name).string() +
                "}")
        .errors;
  };
  CHECK(with("longest").empty());
  CHECK_THAT(with("long"), Catch::Contains("at most 20 bytes") && !Catch::Contains("0123"));
}

TEST_CASE("host_reboot by power: a journaled one is checked again, and so is what is filled in") {
  FakeHttp http;
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  ActionTools tools{runner, clock, far_inventory_of({}), {}, systemd};
  tools.http = &http;
  const char* good =
      R"({"reset":"forced","sick_hardware":false,"ipmi":{"address":"{{ target.host }}",)"
      R"("port":623,"username":"medic","password_file":"/p"}})";
  const auto order = parse_power_order(good);
  REQUIRE(order);
  CHECK(power_of(*order, "sh-01", tools));
  CHECK_FALSE(power_of(*order, "-x", tools));
  for (const char* json : {"", "{}",
                           R"({"reset":"forced","sick_hardware":false,"ipmi":{"address":"-x",)"
                           R"("port":623,"username":"medic","password_file":"/p"}})",
                           R"({"reset":"graceful","sick_hardware":false,"ipmi":{"address":"x",)"
                           R"("port":623,"username":"medic","password_file":"/p"}})"}) {
    INFO(json);
    CHECK(parse_power_order(json).error().code == Errc::Invalid);
  }
}

}  // namespace fieldmedic
