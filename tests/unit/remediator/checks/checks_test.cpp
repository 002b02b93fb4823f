#include "remediator/checks/checks.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/one_collector.hpp"

namespace fieldmedic {

namespace {

struct Read {
  core::CheckSpec spec;
  std::string errors;
};

Read read(std::string_view yaml) {
  ConfigErrors errors;
  const YamlMap map = parse_yaml("t.yml", yaml, errors);
  Read read{read_check(map, core::Duration(10'000)), {}};
  map.done();
  read.errors = errors.text();
  return read;
}

}  // namespace

TEST_CASE("every check of the table is read with its defaults and made") {
  FakeHttp http;
  const CheckTools tools{http, inventory_of({}), {}, {}};
  const std::pair<const char*, const char*> cases[] = {
      {"{process: {}}", "{}"},
      {"{port: {}}", R"({"addresses":[],"timeout_ms":2000})"},
      {R"({port: {addresses: ["[::1]:80"], timeout: 1s}})",
       R"({"addresses":["[::1]:80"],"timeout_ms":1000})"},
      {"{http: {}}", R"({"status":200,"timeout_ms":2000,"urls":[]})"},
      {"{http: {urls: ['http://h/x'], status: 204}}",
       R"({"status":204,"timeout_ms":2000,"urls":["http://h/x"]})"},
      {"{promql: {query: up, is: '== 1'}}", R"({"is":"== 1","query":"up","timeout_ms":2000})"},
  };
  for (const auto& [yaml, want] : cases) {
    INFO(yaml);
    const Read got = read(yaml);
    CHECK(got.errors.empty());
    CHECK(got.spec.check.arguments == want);
    CHECK(got.spec.hold == core::Duration(10'000));
    CHECK(make_check(got.spec.check, tools).has_value());
  }
  CHECK(check_names().size() == 4);
}

TEST_CASE("a check may say its own hold") {
  CHECK(read("{process: {}, hold: 0s}").spec.hold == core::Duration(0));
}

TEST_CASE("a wrong check is refused with its place") {
  const std::pair<const char*, const char*> cases[] = {
      {"{}", "exactly one of http, port, process, promql"},
      {"{process: {}, port: {}}", "exactly one of"},
      {"{processs: {}}", "unknown check 'processs'"},
      {"{process: {pid: 1}}", "unknown key 'pid'"},
      {"{port: {addresses: [localhost]}}", "localhost"},
      {"{http: {urls: ['ftp://u:secret@h/']}}", "wants http:// or https://"},
      {"{http: {status: 99}}", "status"},
      {"{promql: {query: up}}", "is"},
      {"{promql: {query: up, is: 'one'}}", "wants a comparison"},
      {"{promql: {query: 'up{a=\"{{ labels.x }}\"}', is: '== 1'}}",
       "unknown placeholder 'labels.x'"},
  };
  for (const auto& [yaml, want] : cases) {
    INFO(yaml);
    const std::string errors = read(yaml).errors;
    CHECK(errors.find("t.yml:1:") == 0);
    CHECK(errors.find(want) != std::string::npos);
    CHECK(errors.find("secret") == std::string::npos);
  }
}

TEST_CASE("a spec from elsewhere that does not fit is invalid") {
  FakeHttp http;
  const CheckTools tools{http, inventory_of({}), {}, {}};
  for (const core::Spec& spec :
       {core::Spec{"nosuch", "{}"}, core::Spec{"port", "{}"}, core::Spec{"http", "[]"},
        core::Spec{"promql", "not json"}, core::Spec{"process", "7"},
        core::Spec{"promql", R"({"query":"up","is":"x","timeout_ms":1})"}}) {
    INFO(spec.type << " " << spec.arguments);
    const auto made = make_check(spec, tools);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == Errc::Invalid);
  }
}

}  // namespace fieldmedic
