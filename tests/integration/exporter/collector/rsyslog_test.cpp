// The collector modules on a real rsyslogd. What its counters mean was learned here.
#include "common/clock.hpp"
#include "exporter/collector/port.hpp"
#include "exporter/collector/process.hpp"
#include "exporter/collector/success.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/rsyslog_pipeline.hpp"
#include "tests/fakes/samples.hpp"

namespace fieldmedic {
namespace {

constexpr const char* kPatientQueue =
    R"(queue.type="LinkedList" action.resumeRetryCount="-1" action.resumeInterval="1")";

bool skipped() {
  if (RsyslogPipeline::installed()) return false;
  puts("SKIP: rsyslog is not installed");
  return true;
}

std::vector<CollectorConfig> config_for(const RsyslogPipeline& pipeline) {
  CollectorConfig config;
  config.name = "orders";
  config.process.pattern = {
      .pid_file = pipeline.path("sender.pid"),
      .executable = kRsyslogd,
      // With its folder: a test beside this one has a sender too, which would be residue here.
      .command_line = pipeline.tree.root.filename().native() + "/sender\\.conf"};
  config.ports = {pipeline.address};
  config.success = SuccessConfig{.kind = SuccessKind::RsyslogImpstats,
                                 .file = pipeline.path("impstats.json"),
                                 .action = "forward"};
  return {config};
}

SuccessSite site() {
  static const SystemClock clock;
  return {std::make_shared<FakeFiles>(), std::make_shared<StateStore>(), nullptr, nullptr, clock};
}

// One scrape of the success module.
struct Success {
  explicit Success(SuccessModule& module) {
    const auto families = module.collect(SystemClock().steady() + std::chrono::seconds(5));
    const auto value = [&](const char* name) { return sample(families, name, "orders"); };
    attempts = value("collector_attempts_total");
    failures = value("collector_failures_total");
    backlog = value("collector_backlog_records");
    last_success = value("collector_last_success_timestamp_seconds");
    heartbeat = value("collector_heartbeat_timestamp_seconds");
  }
  std::optional<double> attempts, failures, backlog, last_success, heartbeat;
};

TEST_CASE("rsyslog: records that wait for their peer are backlog and become successes") {
  if (skipped()) return;
  RsyslogPipeline pipeline(kPatientQueue);
  SuccessModule module(config_for(pipeline), site(), [](const std::string&) {});
  REQUIRE(pipeline.receiver.start());
  REQUIRE(pipeline.sender.start());
  REQUIRE(eventually([&] { return Success(module).attempts == 0; }));
  CHECK_FALSE(Success(module).last_success);

  pipeline.write_lines(100);
  REQUIRE(eventually([&] { return Success(module).attempts == 100; }));
  REQUIRE(eventually([&] { return pipeline.received() == 100; }));
  const Success well(module);
  CHECK(well.failures == 0);
  CHECK(well.backlog == 0);
  REQUIRE(well.last_success);

  pipeline.receiver.end(SIGTERM);
  pipeline.write_lines(50);
  REQUIRE(eventually([&] { return Success(module).backlog == 50; }));
  // Two more reports, while the action is suspended and tried again: nothing is lost or done.
  const auto later = Success(module).heartbeat.value() + 2;
  REQUIRE(eventually([&] { return Success(module).heartbeat >= later; }));
  const Success waiting(module);
  CHECK(waiting.attempts == 100);
  CHECK(waiting.failures == 0);
  CHECK(waiting.backlog == 50);
  CHECK(waiting.last_success == well.last_success);

  REQUIRE(pipeline.receiver.start());
  REQUIRE(eventually([&] { return Success(module).attempts == 150; }));
  const Success again(module);
  CHECK(again.failures == 0);
  CHECK(again.backlog == 0);
  CHECK(again.last_success > well.last_success);
  CHECK(eventually([&] { return pipeline.received() == 150; }));
}

TEST_CASE("rsyslog: records that a full queue throws away are failures") {
  if (skipped()) return;
  RsyslogPipeline pipeline(std::string(kPatientQueue) +
                           R"( queue.size="40" queue.timeoutEnqueue="0")");
  SuccessModule module(config_for(pipeline), site(), [](const std::string&) {});
  REQUIRE(pipeline.sender.start());  // nobody receives
  REQUIRE(eventually([&] { return Success(module).attempts == 0; }));
  pipeline.write_lines(120);
  REQUIRE(eventually([&] { return Success(module).attempts == 80; }));
  const Success full(module);
  CHECK(full.failures == 80);
  CHECK(full.backlog == 40);
  CHECK_FALSE(full.last_success);
}

TEST_CASE("rsyslog: differences are added up to the same counters") {
  if (skipped()) return;
  RsyslogPipeline pipeline(kPatientQueue, RsyslogPipeline::Reports::Differences);
  auto collectors = config_for(pipeline);
  collectors.front().success->counts = Counts::Delta;
  SuccessModule module(collectors, site(), [](const std::string&) {});
  REQUIRE(pipeline.receiver.start());
  REQUIRE(pipeline.sender.start());
  REQUIRE(eventually([&] { return Success(module).attempts == 0; }));
  for (const int total : {70, 100}) {
    pipeline.write_lines(total == 70 ? 70 : 30);
    REQUIRE(eventually([&] { return Success(module).attempts == total; }));
  }
  const auto heartbeat = Success(module).heartbeat.value();
  REQUIRE(eventually([&] { return Success(module).heartbeat >= heartbeat + 2; }));
  const Success quiet(module);
  CHECK(quiet.attempts == 100);
  CHECK(quiet.failures == 0);
  CHECK(quiet.backlog == 0);
  CHECK(quiet.last_success);
}

TEST_CASE("rsyslog: an action without a queue loses what it cannot send") {
  if (skipped()) return;
  RsyslogPipeline pipeline(R"(action.resumeRetryCount="0")");
  SuccessModule module(config_for(pipeline), site(), [](const std::string&) {});
  REQUIRE(pipeline.sender.start());  // nobody receives
  REQUIRE(eventually([&] { return Success(module).attempts == 0; }));
  pipeline.write_lines(20);
  REQUIRE(eventually([&] { return Success(module).attempts == 20; }));
  const Success lost(module);
  CHECK(lost.failures == 20);
  CHECK_FALSE(lost.backlog);
  CHECK_FALSE(lost.last_success);
}

TEST_CASE("rsyslog: the process module sees death and rebirth") {
  if (skipped()) return;
  RsyslogPipeline pipeline(kPatientQueue);
  const SystemClock clock;
  ProcessModule module(config_for(pipeline), {}, clock, std::make_shared<FakeFiles>());
  const auto value = [&](const char* name, const char* more = "") {
    return sample(module.collect({}), name, "orders", more);
  };
  CHECK(value("collector_up") == 0);

  REQUIRE(pipeline.sender.start());
  REQUIRE(eventually([&] { return value("collector_up") == 1; }));
  CHECK(value("collector_processes") == 1);
  CHECK(value("collector_residual_processes") == 0);
  CHECK(value("collector_process_starts_total") == 1);
  CHECK(value("collector_process_open_fds") > 3);
  CHECK(value("collector_process_max_fds") > 3);
  CHECK(value("collector_process_resident_memory_bytes") > 100'000);
  CHECK(value("collector_process_threads") >= 1);
  const double now = std::chrono::duration<double>(clock.wall().time_since_epoch()).count();
  CHECK(value("collector_process_start_time_seconds").value() == Approx(now).margin(60));

  const auto cpu = value("collector_process_cpu_seconds_total", "user");
  pipeline.sender.end(SIGKILL);  // its pid file stays
  CHECK(value("collector_up") == 0);
  CHECK_FALSE(value("collector_process_open_fds"));
  CHECK(value("collector_process_starts_total") == 1);

  REQUIRE(pipeline.sender.start());
  REQUIRE(eventually([&] { return value("collector_up") == 1; }));
  CHECK(value("collector_process_starts_total") == 2);
  CHECK(value("collector_process_restarts_total") == 1);
  CHECK(value("collector_process_cpu_seconds_total", "user") >= cpu);
}

TEST_CASE("rsyslog: the port module sees death and rebirth") {
  if (skipped()) return;
  RsyslogPipeline pipeline(kPatientQueue);
  PortModule module(config_for(pipeline));
  const auto listening = [&] {
    return sample(module.collect({}), "collector_port_listening", "orders", pipeline.address);
  };
  CHECK(listening() == 0);
  REQUIRE(pipeline.receiver.start());
  CHECK(eventually([&] { return listening() == 1; }));
  pipeline.receiver.end(SIGKILL);
  CHECK(listening() == 0);
  REQUIRE(pipeline.receiver.start());
  CHECK(eventually([&] { return listening() == 1; }));
}

TEST_CASE("rsyslog: the counters of a restarted collector pass through") {
  if (skipped()) return;
  RsyslogPipeline pipeline(kPatientQueue);
  SuccessModule module(config_for(pipeline), site(), [](const std::string&) {});
  REQUIRE(pipeline.receiver.start());
  REQUIRE(pipeline.sender.start());
  REQUIRE(eventually([&] { return Success(module).attempts == 0; }));
  pipeline.write_lines(30);
  REQUIRE(eventually([&] { return Success(module).attempts == 30; }));
  pipeline.sender.end(SIGTERM);
  const auto before = Success(module);

  REQUIRE(pipeline.sender.start());
  REQUIRE(eventually([&] { return Success(module).attempts == 0; }));
  CHECK(eventually([&] { return Success(module).heartbeat > before.heartbeat; }));
  CHECK(Success(module).last_success == before.last_success);
  pipeline.write_lines(5);
  REQUIRE(eventually([&] { return Success(module).attempts == 5; }));
  CHECK(Success(module).last_success > before.last_success);
}

}  // namespace
}  // namespace fieldmedic
