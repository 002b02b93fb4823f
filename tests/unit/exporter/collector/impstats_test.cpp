#include <filesystem>

#include <fmt/format.h>

#include "exporter/collector/impstats_action.hpp"
#include "exporter/collector/impstats_line.hpp"
#include "exporter/collector/success_source.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

// Lines as rsyslogd 8.2302 writes them, at 08:05:SS.
std::string action_line(int second, int processed, int failed,
                        const std::string& name = "forward") {
  return fmt::format(
      "Mon Nov 23 08:05:{:02} 2026: {{ \"name\": \"{}\", \"origin\": \"core.action\", "
      "\"processed\": "
      "{}, \"failed\": {}, \"suspended\": 0, \"suspended.duration\": 0, \"resumed\": 0 }}\n",
      second, name, processed, failed);
}

std::string queue_line(int second, int size, int discarded,
                       const std::string& name = "forward queue") {
  return fmt::format(
      "Mon Nov 23 08:05:{:02} 2026: {{ \"name\": \"{}\", \"origin\": \"core.queue\", \"size\": {}, "
      "\"enqueued\": 9, \"full\": 0, \"discarded.full\": {}, \"discarded.nf\": {}, \"maxqsize\": "
      "50 "
      "}}\n",
      second, name, size, discarded / 2, discarded - discarded / 2);
}

TEST_CASE("impstats line: an action and a queue are read") {
  const auto action = parse_impstats_line(action_line(58, 100, 3));
  REQUIRE(action);
  CHECK(action->name == "forward");
  CHECK(action->origin == "core.action");
  CHECK(action->processed == 100);
  CHECK(action->failed == 3);
  CHECK_FALSE(action->size);
  CHECK(action->local_seconds == 1795421158);  // date -u -d '2026-11-23 08:05:58' +%s

  const auto queue = parse_impstats_line(queue_line(58, 7, 3));
  REQUIRE(queue);
  CHECK(queue->origin == "core.queue");
  CHECK(queue->size == 7);
  CHECK(queue->discarded == 3);

  const auto cee = parse_impstats_line(
      R"(Sun Nov  1 08:05:58 2026: @cee: {"name":"forward","origin":"core.action","processed":1})");
  REQUIRE(cee);
  CHECK(cee->processed == 1);
  const auto bare = parse_impstats_line(R"({"name":"q","origin":"core.queue","size":5})");
  REQUIRE(bare);
  CHECK(bare->size == 5);
  CHECK_FALSE(bare->local_seconds);
}

TEST_CASE("impstats line: nothing is made of anything else") {
  const std::string good = action_line(58, 100, 3);
  for (std::size_t length = 0; length + 2 < good.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(parse_impstats_line(good.substr(0, length)));
  }
  for (const char* other :
       {"", "{", "}", "[]", "null", "\"core.action\"", R"({"name":"global","origin":"dynstats"})",
        R"({"name":{"origin":"core.action"}})", R"(["core.action"])",
        R"({"name":"a","origin":"core.action","processed":1} trailing)",
        R"({"name":"a","origin":"core.action","processed":1e999})", "{\"core.action\":\xff\xfe}"}) {
    CAPTURE(other);
    CHECK_FALSE(parse_impstats_line(other));
  }
}

TEST_CASE("impstats line: wrong types and nested members are left out") {
  const auto line = parse_impstats_line(
      R"({"name":"forward","origin":"core.action","processed":"7","failed":-1,"x":{"processed":9}})");
  REQUIRE(line);
  CHECK_FALSE(line->processed);
  CHECK_FALSE(line->failed);
}

TEST_CASE("impstats line: a deep or long line costs no more than itself") {
  const std::string deep = std::string(60'000, '[');
  CHECK_FALSE(parse_impstats_line("{\"core.action\":" + deep));
  CHECK_FALSE(parse_impstats_line("{\"core.action\":" + std::string(30'000, '[') +
                                  std::string(30'000, ']') + "}"));
  const auto flat = parse_impstats_line(R"({"origin":"core.action","name":")" +
                                        std::string(60'000, 'x') + R"(","processed":1})");
  REQUIRE(flat);
  CHECK(flat->processed == 1);
}

struct Step {
  std::string lines;
  double attempts, failures;
  std::optional<double> backlog;
  unsigned progress;
};

void check_steps(const std::string& action_name, const std::vector<Step>& steps) {
  ImpstatsAction action(action_name);
  for (const auto& step : steps) {
    std::string_view rest = step.lines;
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      if (const auto line = parse_impstats_line(rest.substr(0, end))) action.add(*line);
      rest.remove_prefix(end + 1);
    }
    CAPTURE(step.lines);
    REQUIRE(action.counters());
    CHECK(action.counters()->attempts == step.attempts);
    CHECK(action.counters()->failures == step.failures);
    CHECK(action.counters()->backlog == step.backlog);
    CHECK(action.counters()->progress_reports == step.progress);
  }
}

TEST_CASE("impstats action: a record that waits is backlog and no attempt") {
  const std::string other = action_line(1, 999, 9, "other") + queue_line(1, 55, 0, "main Q") +
                            queue_line(1, 55, 0, "forwarder queue");
  check_steps("forward",
              {
                  // The second report's beginning tells that the first is whole.
                  {action_line(1, 100, 0) + other + queue_line(1, 0, 0) + action_line(2, 100, 0),
                   100, 0, 0, 0},
                  {queue_line(2, 0, 0), 100, 0, 0, 0},
                  {action_line(3, 150, 0), 100, 0, 0, 0},  // half a report
                  {queue_line(3, 50, 0), 100, 0, 50, 0},
                  {action_line(4, 180, 0) + queue_line(4, 80, 0), 100, 0, 80, 0},
                  {action_line(5, 180, 0) + queue_line(5, 30, 0), 150, 0, 30, 1},
                  {action_line(6, 180, 0) + queue_line(6, 0, 0), 180, 0, 0, 2},
                  {action_line(7, 180, 0) + queue_line(7, 0, 0), 180, 0, 0, 2},
              });
}

TEST_CASE("impstats action: differences are added up, from the second report on") {
  const auto report = [](int second, int processed, int failed, int size) {
    return action_line(second, processed, failed) + queue_line(second, size, 0);
  };
  ImpstatsAction action("forward", Counts::Delta);
  const auto take = [&](const std::string& lines) {
    std::string_view rest = lines;
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      if (const auto line = parse_impstats_line(rest.substr(0, end))) action.add(*line);
      rest.remove_prefix(end + 1);
    }
    REQUIRE(action.counters());
    return *action.counters();
  };
  auto now = take(report(1, 100, 5, 20) + action_line(2, 10, 1));
  CHECK(now.attempts == 0);
  CHECK(now.backlog == 20);
  now = take(queue_line(2, 25, 0));  // 10 came, 5 of 30 are done
  CHECK(now.attempts == 5);
  CHECK(now.failures == 1);
  now = take(report(3, 0, 0, 0));
  CHECK(now.attempts == 30);
  CHECK(now.failures == 1);
  CHECK(now.progress_reports == 2);
}

TEST_CASE("impstats action: discarded records are failed attempts") {
  check_steps("forward",
              {
                  {action_line(1, 0, 0) + queue_line(1, 0, 0) + action_line(2, 120, 0), 0, 0, 0, 0},
                  {queue_line(2, 40, 80), 80, 80, 40, 0},
                  {action_line(3, 120, 0) + queue_line(3, 0, 80), 120, 80, 0, 1},
              });
}

TEST_CASE(
    "impstats action: an action without a queue has no backlog and never more failures than "
    "attempts") {
  check_steps("forward", {
                             {action_line(1, 0, 0) + action_line(2, 120, 121), 120, 120, {}, 0},
                             {action_line(3, 121, 123), 121, 121, {}, 0},
                             {action_line(4, 123, 123), 123, 123, {}, 0},
                             {action_line(5, 131, 123), 131, 123, {}, 1},
                         });
}

TEST_CASE("impstats action: the part of a queue that is on disk is backlog too") {
  const auto report = [](int second, int processed, int disk, int memory) {
    return action_line(second, processed, 0) + queue_line(second, disk, 0, "forward queue[DA]") +
           queue_line(second, memory, 0);
  };
  check_steps("forward", {
                             {report(1, 0, 0, 0) + report(2, 120, 99, 21), 0, 0, 120, 0},
                             // Restarted: the queue took 121 records over that it did not count.
                             {report(3, 0, 121, 0), 0, 0, 121, 0},
                             {report(4, 0, 60, 0), 0, 0, 60, 1},
                             {report(5, 10, 0, 0), 10, 0, 0, 2},
                         });
}

TEST_CASE("impstats action: a restart of the collector passes through") {
  const auto report = [](int second, int processed, int failed, int size) {
    return action_line(second, processed, failed) + queue_line(second, size, 0);
  };
  check_steps("forward", {
                             {report(1, 100, 5, 0) + report(2, 110, 5, 0), 110, 5, 0, 1},
                             {report(3, 0, 0, 0), 0, 0, 0, 1},
                             {report(4, 3, 0, 1), 2, 0, 1, 2},
                             // Faster than two reports: the failures tell.
                             {report(5, 500, 9, 0), 500, 9, 0, 3},
                             {report(6, 600, 1, 0), 600, 1, 0, 4},
                         });
}

TEST_CASE("impstats action: attempts stand still while the lines of a report disagree") {
  const auto report = [](int second, int processed, int size) {
    return action_line(second, processed, 0) + queue_line(second, size, 0);
  };
  check_steps("forward", {
                             {report(1, 100, 0) + report(2, 110, 2), 108, 0, 2, 1},
                             {report(3, 110, 5), 108, 0, 5, 1},  // three came in between
                             {report(4, 113, 0), 113, 0, 0, 2},
                         });
}

SuccessSite site(const Clock& clock) {
  return {std::make_shared<FakeFiles>(), std::make_shared<StateStore>(), nullptr, nullptr, clock};
}

SuccessConfig config_for(const TempTree& tree) {
  return {SuccessKind::RsyslogImpstats, tree.root / "impstats.json", "forward"};
}

std::string report(int second, int processed, int size) {
  return action_line(second, processed, 0) + queue_line(second, size, 0);
}

TEST_CASE("impstats source: a missing file is absent and not wrong") {
  const TempTree tree;
  const ManualClock clock;
  auto source = make_success_source("orders", config_for(tree), site(clock));
  const auto read = source->read(SteadyTime::max());
  REQUIRE(read);
  CHECK_FALSE(read->attempts);
  CHECK_FALSE(read->heartbeat);
}

TEST_CASE("impstats source: heartbeat and last success are told from the file") {
  const TempTree tree;
  const auto file = tree.root / "impstats.json";
  const auto modified = [&] {
    return std::chrono::floor<std::chrono::milliseconds>(
        std::chrono::file_clock::to_sys(std::filesystem::last_write_time(file)));
  };
  tree.write("impstats.json", report(1, 10, 0) + report(11, 20, 0) + report(21, 20, 0) +
                                  report(31, 25, 5) + "Mon Nov 23 08:05:41 2026: { \"na");
  const ManualClock clock;
  auto source = make_success_source("orders", config_for(tree), site(clock));
  auto read = source->read(SteadyTime::max());
  REQUIRE(read);
  CHECK(read->attempts == 20);
  CHECK(read->backlog == 5);
  CHECK(read->failures == 0);
  CHECK(read->heartbeat == modified());
  // It rose in the second report, twenty seconds before the last.
  CHECK(read->last_success == modified() - std::chrono::seconds(20));
  const auto last_success = read->last_success;
  const auto heartbeat = read->heartbeat;

  tree.append("impstats.json", "me\": broken }\n" + std::string("no report at all\n"));
  read = source->read(SteadyTime::max());
  REQUIRE(read);
  CHECK(read->heartbeat == heartbeat);

  tree.append("impstats.json", report(41, 25, 5));
  read = source->read(SteadyTime::max());
  CHECK(read->heartbeat == modified());
  CHECK(read->last_success == last_success);

  std::filesystem::rename(file, tree.root / "impstats.json.1");
  tree.write("impstats.json", report(51, 35, 0));
  read = source->read(SteadyTime::max());
  CHECK(read->attempts == 35);
  CHECK(read->last_success == modified());
}

TEST_CASE("impstats source: progress from before we look has no time") {
  const TempTree tree;
  tree.write("impstats.json", report(1, 10, 0) + report(11, 10, 0));
  const ManualClock clock;
  auto source = make_success_source("orders", config_for(tree), site(clock));
  const auto read = source->read(SteadyTime::max());
  REQUIRE(read);
  CHECK(read->attempts == 10);
  CHECK(read->heartbeat);
  CHECK_FALSE(read->last_success);
}

}  // namespace
}  // namespace fieldmedic
