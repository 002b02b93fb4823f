#include "exporter/collector/success.hpp"

#include "common/yaml_reader.hpp"
#include "exporter/collector/success_track.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/fake_http.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/samples.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

using namespace std::chrono_literals;

// One collector with what exporter.yml would say below `success`.
struct Success {
  static inline const SystemClock kClock;  // outlives what asks in the background

  std::shared_ptr<FakeFiles> files = std::make_shared<FakeFiles>();
  std::shared_ptr<FakeHttp> http;
  std::shared_ptr<StateStore> states;
  std::vector<std::string> warnings;
  std::unique_ptr<SuccessModule> module;

  explicit Success(const std::string& yaml,
                   std::shared_ptr<StateStore> store = std::make_shared<StateStore>(),
                   std::shared_ptr<FakeHttp> pages = std::make_shared<FakeHttp>())
      : http(std::move(pages)), states(std::move(store)) {
    ConfigErrors errors;
    CollectorConfig config;
    config.name = "orders";
    config.success = read_success_config(parse_yaml("test", yaml, errors));
    INFO(errors.text());
    REQUIRE(config.success);
    REQUIRE(errors.empty());
    const SuccessSite site{files, states, http, std::make_shared<Rounds>(kClock), kClock};
    module = std::make_unique<SuccessModule>(
        std::vector{config}, site,
        [this](const std::string& message) { warnings.push_back(message); });
  }

  Result<Families> collect() { return module->collect(kClock.steady() + 5s); }
  std::optional<double> operator()(const char* name) {
    return sample(collect(), std::string("collector_") + name, "orders");
  }
};

TEST_CASE("success: a JSON file of totals") {
  const TempTree tree;
  Success orders("json: {file: " + (tree.root / "stats.json").native() +
                 ", attempts: [/n], failures: [/bad], backlog: [/q]}");
  CHECK_FALSE(orders("attempts_total"));
  CHECK(orders.warnings.empty());  // it is not there yet
  tree.write("stats.json", R"({"n": 10, "bad": 1, "q": 4})");
  CHECK(orders("attempts_total") == 10);
  CHECK(orders("failures_total") == 1);
  CHECK(orders("backlog_records") == 4);
  CHECK(orders("heartbeat_timestamp_seconds"));
  CHECK(orders("last_success_timestamp_seconds"));  // it appeared while we looked
  tree.write("stats.json", "{ half");
  CHECK_FALSE(orders("attempts_total"));
  CHECK(orders("heartbeat_timestamp_seconds"));
  REQUIRE(orders.warnings.size() == 1);
  CHECK(orders.warnings[0].find("stats.json: no JSON") != std::string::npos);
  CHECK(orders.module->remarks().size() == 1);
  tree.write("stats.json", R"({"n": 12, "bad": 1, "q": 0})");
  CHECK(orders("attempts_total") == 12);
  CHECK(orders.module->remarks().empty());
}

TEST_CASE("success: a file of differences is counted once each time that it is written") {
  const TempTree tree{{{"stats.prom", "sent 100\nlost 50\n"}}};
  Success orders("textfile: {file: " + (tree.root / "stats.prom").native() +
                 ", successes: [sent], failures: [lost], counts: delta}");
  CHECK(orders("attempts_total") == 0);  // another exporter may have counted it
  CHECK(orders("failures_total") == 0);
  CHECK_FALSE(orders("last_success_timestamp_seconds"));
  tree.write("stats.prom", "sent 3\nlost 10\n");
  CHECK(orders("attempts_total") == 13);
  CHECK(orders("attempts_total") == 13);
  CHECK(orders("failures_total") == 10);
  CHECK(orders("last_success_timestamp_seconds"));
  tree.write("stats.prom", "sent 200\nlost 0\n");
  CHECK(orders("attempts_total") == 213);
}

TEST_CASE("success: a file over 1 MiB is refused, one that hangs is an error") {
  const TempTree tree{{{"stats.json", std::string((1U << 20U) + 1, ' ')}}};
  const auto path = (tree.root / "stats.json").native();
  Success orders("json: {file: " + path + ", attempts: [/n]}");
  CHECK_FALSE(orders("attempts_total"));
  REQUIRE(orders.module->remarks().size() == 1);
  CHECK(orders.module->remarks()[0].text.find("larger than 1 MiB") != std::string::npos);
  orders.files->hang(path);
  CHECK(orders.collect().error().code == Errc::Timeout);
}

TEST_CASE("success: a page is asked for in the background") {
  const auto http = std::make_shared<FakeHttp>();
  http->answer(200, "sent 7\n");
  http->answer(500, "sent 8\n");
  Success orders(
      "prometheus: {url: 'http://127.0.0.1:9/metrics?key=secret', attempts: [sent], interval: 1s}",
      std::make_shared<StateStore>(), http);
  CHECK(eventually([&] { return orders("attempts_total") == 7; }));
  CHECK(eventually([&] { return !orders("attempts_total"); }));
  CHECK(orders("heartbeat_timestamp_seconds"));
  REQUIRE(orders.module->remarks().size() == 1);
  const auto remark = orders.module->remarks()[0].text;
  CHECK(remark.find("http://127.0.0.1:9/metrics") != std::string::npos);
  CHECK(remark.find("secret") == std::string::npos);
  CHECK(http->sent().front().url == "http://127.0.0.1:9/metrics?key=secret");
}

TEST_CASE("success: lines of a log, over a restart too") {
  const TempTree tree{{{"orders.log", "delivered 9\n"}}};
  const auto yaml = "log: {files: [" + (tree.root / "*.log").native() +
                    "], successes: ['^delivered ([0-9]+)', ^sent], failures: [^lost], "
                    "backlog: ['^waiting ([0-9]+)']}";
  const auto states = std::make_shared<StateStore>();
  {
    Success orders(yaml, states);
    CHECK(orders("attempts_total") == 0);
    CHECK_FALSE(orders("backlog_records"));
    CHECK_FALSE(orders("heartbeat_timestamp_seconds"));
    tree.append("orders.log", "delivered 5\nsent\ndelivered x\nlost\nwaiting 3\nwaiting 2\n");
    CHECK(orders("attempts_total") == 7);
    CHECK(orders("failures_total") == 1);
    CHECK(orders("backlog_records") == 2);
    CHECK_FALSE(orders("heartbeat_timestamp_seconds"));  // a collector without work is not dead
  }
  tree.append("orders.log", "lost\n");
  Success orders(yaml, states);
  CHECK(orders("attempts_total") == 8);
  CHECK(orders("failures_total") == 2);
  CHECK(orders("last_success_timestamp_seconds"));
}

TEST_CASE("success: totals in the lines of a log are taken as they are") {
  const TempTree tree{{{"orders.log", ""}}};
  Success orders("log: {files: [" + (tree.root / "orders.log").native() +
                 "], attempts: ['total=(\\d+)'], failures: ['failed=(\\d+)'], counts: cumulative}");
  CHECK_FALSE(orders("attempts_total"));
  tree.append("orders.log", "total=100 failed=4\ntotal=110 failed=5\n");
  CHECK(orders("attempts_total") == 110);
  CHECK(orders("heartbeat_timestamp_seconds"));
  CHECK(orders("failures_total") == 5);
  tree.append("orders.log", "total=1 failed=0\n");  // started over
  CHECK(orders("attempts_total") == 1);
}

TEST_CASE("success: a failed page costs the counters, and the last report's time stays") {
  SuccessTrack track(Counts::Cumulative);
  track.take({.attempts = 5}, WallTime(1s));
  track.take({.attempts = 7}, WallTime(2s));
  CHECK(track.report().last_success == WallTime(2s));
  track.lose();
  CHECK_FALSE(track.report().attempts);
  CHECK(track.report().heartbeat == WallTime(2s));
  track.take({.attempts = 7}, WallTime(3s));
  CHECK(track.report().attempts == 7);
  CHECK(track.report().last_success == WallTime(2s));
  track.take({.attempts = 2, .failures = 2}, WallTime(4s));  // started over, and nothing went well
  CHECK(track.report().last_success == WallTime(2s));
  track.take({.attempts = 3, .failures = 2}, WallTime(5s));
  CHECK(track.report().last_success == WallTime(5s));
}

TEST_CASE("success: reports that come less often than scrapes are told") {
  struct Case {
    const char* name;
    int report_every;  // scrapes
    bool slow;
  };
  for (const auto& [name, report_every, slow] :
       {Case{"each scrape", 1, false}, Case{"every second scrape", 2, true},
        Case{"every twelfth scrape", 12, true}}) {
    DYNAMIC_SECTION(name) {
      ReportRhythm rhythm;
      std::optional<ReportRhythm::Slow> told;
      for (int i = 0; i < 6 * 12; ++i) {
        const auto report = WallTime(5s * (i / report_every * report_every));
        told = rhythm.note(SteadyTime(5s * i), report);
        if (i % 10 == 0) told = rhythm.note(SteadyTime(5s * i + 1s), report);  // by hand
      }
      CHECK(told.has_value() == slow);
      if (told) {
        CHECK(told->report_every == 5s * report_every);
        CHECK(told->scrape_every == 5s);
      }
    }
  }
  ReportRhythm rhythm;
  for (int i = 0; i < 100; ++i) CHECK_FALSE(rhythm.note(SteadyTime(5s * i), WallTime(1s)));
}

}  // namespace
}  // namespace fieldmedic
