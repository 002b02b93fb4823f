// Success counters on pages: Prometheus' text format, JSON, and where known collectors have them.
#include <fstream>
#include <sstream>

#include "common/yaml_reader.hpp"
#include "exporter/collector/counter_text.hpp"
#include "exporter/collector/success_presets.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {
namespace {

constexpr std::string_view kPage = R"(# TYPE sent_total counter
sent_total{output="a",code="200"} 10
sent_total{output="a",code="500"} 2
sent_total{output="b,}\"",code="200"} 5
# TYPE queue gauge
queue{output="a"} 3 1700000000250
queue{output="b"} 4 1700000000000
# TYPE took_seconds histogram
took_seconds_bucket{le="+Inf"} 9
took_seconds_sum 1.5
took_seconds_count 9
# TYPE odd gauge
odd -1
)";

CounterReading prometheus(const SuccessTerms& terms) {
  const auto reading = read_prometheus_counters(kPage, terms);
  REQUIRE(reading);
  return *reading;
}

TEST_CASE("prometheus counters: what a selector matches is summed") {
  struct Case {
    const char* selector;
    double want;
  };
  for (const auto& [selector, want] :
       {Case{"sent_total", 17}, Case{R"(sent_total{output="a"})", 12},
        Case{R"(sent_total{output="a",code=~"5.."})", 2},
        Case{R"(sent_total{ code!="200" , output="a" })", 2},
        Case{R"(sent_total{output="b,}\""})", 5}, Case{"sent_total{}", 17},
        Case{"took_seconds_count", 9}, Case{"took_seconds_sum", 1.5}}) {
    CAPTURE(selector);
    CHECK(prometheus({.attempts = {selector}}).attempts == want);
  }
}

TEST_CASE("prometheus counters: the time is that of the samples, where they have one") {
  CHECK_FALSE(prometheus({.attempts = {"sent_total"}}).at);
  const auto reading = prometheus({.attempts = {"sent_total"}, .backlog = {"queue"}});
  CHECK(reading.backlog == 7);
  CHECK(reading.at == WallTime(std::chrono::milliseconds(1'700'000'000'250)));
}

TEST_CASE("prometheus counters: what is no selector is refused") {
  for (const std::string bad :
       {"", "{a=\"b\"}", "1a", "a b", "a{", "a{b}", "a{b=\"c\"", "a{b=~\"(\"}", "a}"}) {
    CAPTURE(bad);
    CHECK(SampleSelector::parse(bad).error().code == Errc::Invalid);
  }
  CHECK_FALSE(SampleSelector::parse(std::string(1025, 'a')));
  std::string many;
  for (int i = 0; i < 17; ++i) many += "x=\"y\",";
  CHECK_FALSE(SampleSelector::parse("a{" + many + "}"));
}

TEST_CASE("counters: a page of something else, and numbers that count nothing, are errors") {
  const auto error = [](const SuccessTerms& terms) {
    return read_prometheus_counters(kPage, terms).error();
  };
  CHECK(error({.attempts = {"absent"}}).code == Errc::NotFound);
  CHECK(error({.attempts = {"absent"}}).message == "nothing matches 'absent'");
  CHECK(error({.attempts = {"odd"}}).code == Errc::Malformed);
  CHECK(error({.attempts = {"took_seconds"}}).code == Errc::NotFound);
  CHECK(read_prometheus_counters("no page", {.attempts = {"a"}}).error().code == Errc::Malformed);
  CHECK(read_json_counters("{", {.attempts = {"/a"}}).error().code == Errc::Malformed);
}

TEST_CASE("counters: the third number follows from two") {
  const auto read = [](const SuccessTerms& terms) {
    return *read_json_counters(R"({"tried": 10, "good": 7, "bad": 2, "worse": 30})", terms);
  };
  auto reading = read({.attempts = {"/tried"}, .failures = {"/bad"}});
  CHECK(reading.attempts == 10);
  CHECK(reading.failures == 2);
  reading = read({.successes = {"/good"}, .failures = {"/bad"}});
  CHECK(reading.attempts == 9);
  CHECK(reading.failures == 2);
  reading = read({.attempts = {"/tried"}, .successes = {"/good"}});
  CHECK(reading.attempts == 10);
  CHECK(reading.failures == 3);
  CHECK_FALSE(read({.successes = {"/good"}}).failures);
  CHECK(read({.attempts = {"/tried"}, .failures = {"/worse"}}).failures == 10);
  CHECK(read({.attempts = {"/good"}, .successes = {"/tried"}}).failures == 0);
}

TEST_CASE("counters: a failure that nothing matches is none yet, and is named") {
  const auto reading = *read_json_counters(
      R"({"sent": 1})",
      {.successes = {"/sent", "/resent"}, .failures = {"/lost"}, .backlog = {"/queue"}});
  CHECK(reading.attempts == 1);
  CHECK(reading.failures == 0);
  CHECK_FALSE(reading.backlog);
  CHECK(reading.missing == std::vector<std::string>{"/lost", "/queue"});
}

TEST_CASE("json counters: pointers lead through objects and lists") {
  constexpr std::string_view kDocument =
      R"({"a/b": {"c~d": 1}, "": 2, "list": [{"n": 3}, {"n": 4}, {}], "map": {"x": {"n": 5}, "y": {"n": 6.5}}})";
  struct Case {
    const char* pointer;
    std::optional<double> want;
  };
  for (const auto& [pointer, want] :
       {Case{"/a~1b/c~0d", 1}, Case{"/", 2}, Case{"/list/1/n", 4}, Case{"/list/*/n", 7},
        Case{"/map/*/n", 11.5}, Case{"/*/*/n", 18.5}, Case{"/list/3/n", {}}, Case{"/list/x/n", {}},
        Case{"/absent", {}}, Case{"/map/x/n/deeper", {}}}) {
    CAPTURE(pointer);
    const auto reading = read_json_counters(kDocument, {.attempts = {pointer}});
    CHECK(bool(reading) == want.has_value());
    if (reading) CHECK(reading->attempts == want);
  }
  for (const char* no_count : {R"({"a": "7"})", R"({"a": -1})", R"({"a": {}})", R"({"a": null})"}) {
    CAPTURE(no_count);
    CHECK(read_json_counters(no_count, {.attempts = {"/a"}}).error().code == Errc::Malformed);
  }
}

TEST_CASE("json counters: hostile documents cost no more than themselves") {
  for (const std::string& bad :
       {std::string(500'000, '['), std::string(40, '[') + "1" + std::string(40, ']'),
        std::string("{\"a\": 1e999}"), std::string("\xff\xfe"), std::string(),
        std::string("1 2")}) {
    CHECK(read_json_counters(bad, {.attempts = {"/a"}}).error().code == Errc::Malformed);
  }
  for (const std::string& bad : {std::string("a"), std::string(), std::string("/a~2"),
                                 "/" + std::string(1024, 'a'), std::string(17, '/')}) {
    CHECK(parse_json_pointer(bad).error().code == Errc::Invalid);
  }
}

std::string fixture(const std::string& name) {
  std::ifstream file(FIELDMEDIC_SOURCE_DIR "/tests/fixtures/success/" + name);
  std::ostringstream content;
  content << file.rdbuf();
  REQUIRE_FALSE(content.str().empty());
  return content.str();
}

TEST_CASE("success presets: the counters are found where the collectors have them") {
  struct Case {
    const char* yaml;
    const char* page;
    double attempts;
    double failures;
    std::optional<double> backlog;
    const char* url;
  };
  const Case cases[] = {
      {"fluent_bit: {output: forward.0}",
       "fluent_bit.json",
       1234,
       34,
       {},
       "http://127.0.0.1:2020/api/v1/metrics"},
      {"logstash:", "logstash.json", 5170, 12, 7, "http://127.0.0.1:9600/_node/stats/pipelines"},
      {"filebeat: {url: 'http://[::1]:5067'}", "filebeat.json", 3010, 8, 9,
       "http://[::1]:5067/stats"},
      {"vector: {component: out}", "vector.prom", 589, 3, 11, "http://127.0.0.1:9598/metrics"},
      {"collectd:", "collectd.prom", 37, 0, 0, "http://127.0.0.1:9103/metrics"},
  };
  REQUIRE(std::size(cases) == success_presets().size());
  for (const auto& c : cases) {
    CAPTURE(c.yaml);
    ConfigErrors errors;
    const auto config = read_success_config(parse_yaml("test", c.yaml, errors));
    CHECK(errors.text() == "");
    REQUIRE(config);
    CHECK(config->page.url == c.url);
    const auto reading = read_counter_text(fixture(c.page), *config);
    REQUIRE(reading);
    CHECK(reading->attempts == c.attempts);
    CHECK(reading->failures == c.failures);
    CHECK(reading->backlog == c.backlog);
    CHECK(reading->missing.empty());
  }
}

TEST_CASE("success presets: a name that a selector could not hold is refused") {
  for (const char* bad : {R"(vector: {component: 'a"b'})", "fluent_bit: {output: a/b}",
                          "logstash: {pipeline: ''}", "vector: {}"}) {
    CAPTURE(bad);
    ConfigErrors errors;
    (void)read_success_config(parse_yaml("test", bad, errors));
    CHECK(errors.lines().size() == 1);
  }
}

}  // namespace
}  // namespace fieldmedic
