#include "exporter/collector/log.hpp"

#include "exporter/collector/collector_modules.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/samples.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

CollectorConfig with_logs(std::string name, std::vector<std::string> files) {
  CollectorConfig config;
  config.name = std::move(name);
  config.log.files = std::move(files);
  return config;
}

struct Logs {
  ManualClock clock;
  std::shared_ptr<FakeFiles> files = std::make_shared<FakeFiles>();
  std::vector<std::string> warnings;
  LogModule module;

  explicit Logs(const std::vector<CollectorConfig>& collectors,
                std::shared_ptr<StateStore> states = std::make_shared<StateStore>())
      : module(collectors, files, std::move(states), clock,
               [this](const std::string& message) { warnings.push_back(message); }) {}
  Result<Families> collect() { return module.collect(clock.steady() + std::chrono::seconds(5)); }
};

TEST_CASE("log module: messages of all files of a collector are counted together") {
  const TempTree tree{{{"a.log", "ERROR old\n"}, {"b.log", ""}}};
  Logs module({with_logs("orders", {tree.root / "a.log", tree.root / "b.log"})});
  auto families = module.collect();
  for (const char* severity : {"error", "warning", "info", "other"}) {
    CAPTURE(severity);
    CHECK(sample(families, "collector_log_messages_total", "orders", severity) == 0);
  }
  CHECK(sample(families, "collector_log_error_stacks_total", "orders") == 0);
  CHECK(sample(families, "collector_log_read_bytes_total", "orders") == 0);
  CHECK(sample(families, "collector_log_last_message_timestamp_seconds", "orders"));

  tree.append("a.log", "ERROR new\n\tat x(y)\nINFO x\n");
  tree.append("b.log", "WARN x\nhello\nERROR y\n");
  families = module.collect();
  CHECK(sample(families, "collector_log_messages_total", "orders", "error") == 2);
  CHECK(sample(families, "collector_log_messages_total", "orders", "warning") == 1);
  CHECK(sample(families, "collector_log_messages_total", "orders", "info") == 1);
  CHECK(sample(families, "collector_log_messages_total", "orders", "other") == 1);
  CHECK(sample(families, "collector_log_error_stacks_total", "orders") == 1);
  CHECK(sample(families, "collector_log_read_bytes_total", "orders") == 47);
}

TEST_CASE("log module: a trace in one file does not swallow lines of another") {
  const TempTree tree{{{"a.log", ""}, {"b.log", ""}}};
  Logs module({with_logs("orders", {tree.root / "a.log", tree.root / "b.log"})});
  REQUIRE(module.collect());
  tree.append("a.log", "Traceback (most recent call last):\n");
  tree.append("b.log", "INFO x\n");
  REQUIRE(module.collect());
  tree.append("a.log", "  File \"x\"\nKeyError: 1\n");
  const auto families = module.collect();
  CHECK(sample(families, "collector_log_messages_total", "orders", "error") == 1);
  CHECK(sample(families, "collector_log_messages_total", "orders", "info") == 1);
  CHECK(sample(families, "collector_log_messages_total", "orders", "other") == 0);
}

TEST_CASE("log module: a file that cannot be read costs its collector only") {
  const TempTree tree;
  Logs both({with_logs("broken", {tree.root}), with_logs("orders", {tree.root / "a.log"})});
  const auto families = both.collect();
  CHECK_FALSE(sample(families, "collector_log_read_bytes_total", "broken"));
  CHECK(sample(families, "collector_log_read_bytes_total", "orders") == 0);
  CHECK_FALSE(sample(families, "collector_log_last_message_timestamp_seconds", "orders"));

  Logs broken({with_logs("broken", {tree.root})});
  const auto failed = broken.collect();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::Invalid);
}

TEST_CASE("log module: counters and positions go on after a restart") {
  const TempTree tree{{{"a.log", ""}}};
  std::filesystem::create_directory(tree.root / "state");
  const std::vector collectors{with_logs("orders", {tree.root / "*.log"})};
  const auto errors = [](const Result<Families>& families) {
    return sample(families, "collector_log_messages_total", "orders", "error");
  };
  {
    auto states = StateStore::open(tree.root / "state");
    REQUIRE(states);
    CHECK(StateStore::open(tree.root / "state").error().code == Errc::Conflict);
    Logs logs(collectors, std::move(*states));
    REQUIRE(logs.collect());
    tree.append("a.log", "ERROR one\nTraceback (most recent call last):\n");
    CHECK(errors(logs.collect()) == 1);
  }
  tree.append("a.log", "  File \"x\"\nKeyError: 1\nERROR two\n");
  tree.write("b.log", "ERROR three\n");  // appeared meanwhile
  auto states = StateStore::open(tree.root / "state");
  REQUIRE(states);
  CHECK((*states)->damage().empty());
  Logs logs(collectors, std::move(*states));
  const auto families = logs.collect();
  CHECK(errors(families) == 3);
  CHECK(sample(families, "collector_log_error_stacks_total", "orders") == 1);
  CHECK(sample(families, "collector_log_messages_total", "orders", "other") == 0);
  CHECK(sample(families, "collector_log_files", "orders") == 2);
}

TEST_CASE("log module: a folder that hangs is told once and costs its collector only") {
  const TempTree tree{{{"a.log", ""}}};
  Logs logs({with_logs("hung", {"/hung/*.log"}), with_logs("orders", {tree.root / "a.log"})});
  logs.files->hang("/hung");
  REQUIRE(logs.collect());
  const auto families = logs.collect();
  CHECK(sample(families, "collector_log_readable", "hung") == 0);
  CHECK_FALSE(sample(families, "collector_log_read_bytes_total", "hung"));
  CHECK(sample(families, "collector_log_readable", "orders") == 1);
  CHECK(logs.warnings.size() == 1);
}

TEST_CASE("log module: a collector's own patterns come first") {
  const TempTree tree{{{"a.log", ""}}};
  auto config = with_logs("orders", {tree.root / "a.log"});
  config.log.severity.ignore = {"heartbeat"};
  config.log.severity.error = {"^!"};
  Logs logs({config});
  REQUIRE(logs.collect());
  tree.append("a.log", "! broke\nERROR heartbeat\nWARN x\n");
  const auto families = logs.collect();
  CHECK(sample(families, "collector_log_messages_total", "orders", "error") == 1);
  CHECK(sample(families, "collector_log_messages_total", "orders", "warning") == 1);
}

TEST_CASE("collector modules: only those that a collector uses are made") {
  const ManualClock clock;
  const auto files = std::make_shared<FakeFiles>();
  const auto states = std::make_shared<StateStore>();
  const auto names = [&](const std::vector<CollectorConfig>& collectors) {
    std::vector<std::string> made;
    for (const auto& module : make_collector_modules(collectors, {}, clock, files, states)) {
      made.emplace_back(module->name());
    }
    return made;
  };
  using Names = std::vector<std::string>;
  CHECK(names({}) == Names{});
  CollectorConfig config = with_logs("orders", {});
  CHECK(names({config}) == Names{});
  config.process.pattern.executable = "/usr/sbin/rsyslogd";
  CHECK(names({config}) == Names{"process"});
  config.ports = {"127.0.0.1:5514"};
  config.success = SuccessConfig{SuccessKind::RsyslogImpstats, "/nosuch", "forward"};
  config.log.files = {"/nosuch"};
  CHECK(names({config}) == Names{"process", "port", "success", "log"});
}

TEST_CASE("collector modules: a reload leaves alone those whose own part stays the same") {
  using Names = std::vector<std::string_view>;
  CollectorConfig orders = with_logs("orders", {"/var/log/orders"});
  orders.ports = {"127.0.0.1:5514"};
  const CollectorConfig plain = with_logs("plain", {});
  CHECK(unchanged_collector_modules({orders}, {orders}) == Names{"port", "log"});
  CHECK(unchanged_collector_modules({orders}, {plain, orders}) == Names{"port", "log"});
  CHECK(unchanged_collector_modules({plain}, {plain}) == Names{});
  CHECK(unchanged_collector_modules({orders}, {}) == Names{});
  auto moved = orders;
  moved.ports = {"127.0.0.1:5515"};
  CHECK(unchanged_collector_modules({orders}, {moved}) == Names{"log"});
  auto renamed = orders;
  renamed.name = "orders2";
  CHECK(unchanged_collector_modules({orders}, {renamed}) == Names{});
  CHECK(unchanged_collector_modules({orders}, {orders, renamed}) == Names{});
}

}  // namespace
}  // namespace fieldmedic
