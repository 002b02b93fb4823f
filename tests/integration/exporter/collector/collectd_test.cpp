// The counters of a real collectd, over HTTP.
#include <filesystem>

#include <fmt/format.h>

#include "common/yaml_reader.hpp"
#include "exporter/collector/success.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/samples.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

constexpr const char* kCollectd = "/usr/sbin/collectd";
constexpr const char* kPlugin = "/usr/lib/collectd/write_prometheus.so";

// Sends what it measures to a port of loopback where nobody listens; UDP does not mind.
std::string config(const std::string& folder, int port, int sink) {
  return fmt::format(R"(Hostname "host-a"
BaseDir "{0}"
PIDFile "{0}/pid"
TypesDB "/usr/share/collectd/types.db"
Interval 1
CollectInternalStats true
LoadPlugin load
LoadPlugin write_prometheus
<Plugin write_prometheus>
  Host "127.0.0.1"
  Port "{1}"
</Plugin>
LoadPlugin network
<Plugin network>
  Server "127.0.0.1" "{2}"
  ReportStats true
</Plugin>
)",
                     folder, port, sink);
}

TEST_CASE("collectd: what it sent, dropped and keeps waiting is read from its page") {
  if (!std::filesystem::exists(kCollectd) || !std::filesystem::exists(kPlugin)) {
    puts("SKIP: collectd is not installed");
    return;
  }
  static const SystemClock clock;
  const TempTree tree;
  const int port = free_port();
  tree.write("collectd.conf", config(tree.root.native(), port, free_port()));

  ConfigErrors errors;
  CollectorConfig collector;
  collector.name = "orders";
  collector.success = read_success_config(parse_yaml(
      "test", fmt::format("collectd: {{url: 'http://127.0.0.1:{}', interval: 1s}}", port), errors));
  REQUIRE(errors.text() == "");
  const SuccessSite site{std::make_shared<FakeFiles>(), std::make_shared<StateStore>(),
                         std::make_shared<CurlHttpClient>(), std::make_shared<Rounds>(clock),
                         clock};
  SuccessModule module({collector}, site, [](const std::string&) {});
  const auto value = [&](const char* name) {
    return sample(module.collect(clock.steady() + std::chrono::seconds(5)), name, "orders");
  };
  CHECK_FALSE(value("collector_attempts_total"));

  ChildProgram collectd({kCollectd, "-C", (tree.root / "collectd.conf").native(), "-f"});
  REQUIRE(collectd.pid > 0);
  REQUIRE(
      eventually([&] { return value("collector_attempts_total") > 0; }, std::chrono::seconds(60)));
  const auto first = value("collector_attempts_total");
  REQUIRE(eventually([&] { return value("collector_attempts_total") > first; },
                     std::chrono::seconds(60)));
  CHECK(value("collector_failures_total") == 0);
  CHECK(value("collector_backlog_records"));
  CHECK(value("collector_last_success_timestamp_seconds"));
  CHECK(value("collector_heartbeat_timestamp_seconds"));

  kill(collectd.pid, SIGKILL);
  REQUIRE(collectd.exit_code());
  REQUIRE(eventually([&] { return !value("collector_attempts_total"); }, std::chrono::seconds(60)));
  CHECK(value("collector_heartbeat_timestamp_seconds"));
  REQUIRE(module.remarks().size() == 1);
}

}  // namespace
}  // namespace fieldmedic
