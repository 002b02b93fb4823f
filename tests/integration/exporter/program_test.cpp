// The real fieldmedic-exporter as people run it.
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/fakes/running_exporter.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

std::string header(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace

TEST_CASE("exporter: without any file it serves the host and itself") {
  RunningExporter exporter;
  const auto metrics = exporter.metrics();
  CHECK(metrics.has("node_load1"));
  CHECK(metrics.has("process_resident_memory_bytes"));
  CHECK(metrics.has("process_cpu_seconds_total"));
  CHECK(metrics.has("process_open_fds"));
  CHECK(metrics.has("process_max_fds"));
  CHECK(metrics.has("process_virtual_memory_bytes"));
  CHECK(metrics.has("process_start_time_seconds"));
  CHECK(metrics.samples.at("fieldmedic_config_last_reload_successful") == 1);
  CHECK(metrics.samples.at("fieldmedic_scrape_module_success{module=\"filesystem\"}") == 1);
  CHECK(metrics.samples.at("fieldmedic_scrape_module_success{module=\"cpu\"}") == 1);
}

TEST_CASE("exporter: the format follows Accept and gzip follows Accept-Encoding") {
  RunningExporter exporter;
  const auto text = exporter.request("/metrics");
  CHECK(header(text, "content-type").starts_with("text/plain; version=0.0.4"));
  const auto open = exporter.request(
      "/metrics", {{"Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}});
  CHECK(header(open, "content-type").starts_with("application/openmetrics-text; version=1.0.0"));
  CHECK(open.body.ends_with("# EOF\n"));
  const auto packed = exporter.request("/metrics", {{"Accept-Encoding", "gzip"}});
  CHECK(header(packed, "content-encoding") == "gzip");
  CHECK(packed.body.starts_with("\x1f\x8b"));
  CHECK(packed.body.size() < text.body.size() / 3);
}

TEST_CASE("exporter: collect and exclude choose modules and nonsense is refused") {
  RunningExporter exporter;
  const auto one = exporter.metrics("?collect[]=loadavg");
  CHECK(one.has("node_load1"));
  CHECK_FALSE(one.has("node_boot_time_seconds"));
  CHECK(exporter.request("/metrics?collect[]=nothing").status == 400);
  CHECK(exporter.request("/metrics?collect[]=cpu&exclude[]=stat").status == 400);
}

TEST_CASE("exporter: the landing page and the probes answer") {
  RunningExporter exporter;
  const auto page = exporter.request("/");
  CHECK(page.status == 200);
  CHECK(page.body.find("href=\"metrics\"") != std::string::npos);
  CHECK(page.body.find(">loadavg<") != std::string::npos);
  CHECK(exporter.request("/-/healthy").status == 200);
  CHECK(exporter.request("/-/ready").status == 200);
  CHECK(exporter.request("/nothing").status == 404);
}

TEST_CASE("exporter: modules that the configuration leaves out are not there") {
  const TempTree files{{{"exporter.yml", "modules: {disable: [loadavg, filesystem]}\n"}}};
  RunningExporter exporter({"--config.file=" + (files.root / "exporter.yml").native()});
  const auto metrics = exporter.metrics();
  CHECK_FALSE(metrics.has("node_load1"));
  CHECK_FALSE(metrics.has("fieldmedic_scrape_module_success{module=\"filesystem\"}"));
  CHECK(metrics.has("node_boot_time_seconds"));
}

TEST_CASE("exporter: a reload takes a good configuration and keeps the old one against a bad one") {
  const TempTree files{{{"exporter.yml", "modules: {disable: [loadavg]}\n"}}};
  RunningExporter exporter({"--config.file=" + (files.root / "exporter.yml").native()});
  CHECK_FALSE(exporter.metrics().has("node_load1"));

  files.write("exporter.yml", "modules: {disabel: []}\n");
  const auto refused = exporter.request("/-/reload", {}, "POST");
  CHECK(refused.status == 500);
  CHECK(refused.body.find("exporter.yml:1:") != std::string::npos);
  CHECK(exporter.metrics().samples.at("fieldmedic_config_last_reload_successful") == 0);
  CHECK_FALSE(exporter.metrics().has("node_load1"));

  files.write("exporter.yml", "modules: {disable: []}\n");
  CHECK(exporter.request("/-/reload", {}, "POST").status == 200);
  CHECK(exporter.metrics().has("node_load1"));
  CHECK(exporter.metrics().samples.at("fieldmedic_config_last_reload_successful") == 1);

  files.write("exporter.yml", "modules: {disable: [loadavg]}\n");
  kill(exporter.program.pid, SIGHUP);
  CHECK(eventually([&] { return !exporter.metrics().has("node_load1"); }));
  CHECK(exporter.request("/-/reload").status == 405);
}

TEST_CASE("exporter: a reload that changes nothing about the logs goes on counting") {
  const TempTree files{{{"a.log", ""}}};
  const auto write_config = [&](const std::string& more) {
    files.write("exporter.yml", "collectors:\n  - name: orders\n    log: {files: [" +
                                    (files.root / "a.log").native() + "]}\n" + more);
  };
  write_config("");
  RunningExporter exporter({"--config.file=" + (files.root / "exporter.yml").native()});
  const auto read = [&] {
    return exporter.metrics().samples["collector_log_read_bytes_total{collector=\"orders\"}"];
  };
  REQUIRE(read() == 0);
  files.append("a.log", "INFO one\n");
  REQUIRE(eventually([&] { return read() == 9; }));
  files.append("a.log", "INFO two\n");  // nobody has looked at it when the reload comes
  write_config("modules: {disable: [cpu]}\n");
  REQUIRE(exporter.request("/-/reload", {}, "POST").status == 200);
  CHECK(eventually([&] { return read() == 18; }));
  CHECK_FALSE(exporter.metrics().has("fieldmedic_scrape_module_success{module=\"cpu\"}"));
}

TEST_CASE("exporter: a configuration that is a FIFO is refused and does not hang") {
  const TempTree files;
  const auto fifo = files.root / "exporter.yml";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  for (const auto* flag : {"--config.file=", "--web.config.file="}) {
    ChildProgram program(exporter_command({flag + fifo.native()}));
    CHECK(program.exit_code() == 78);
    CHECK(program.prints("no regular file"));
  }
}

TEST_CASE("exporter: a wrong configuration is told whole and exits 78") {
  const TempTree files{
      {{"exporter.yml", "modulse: {}\nhost: {diskstats: {devices_exclude: '('}}\n"}}};
  for (const auto* mode : {"--log.level=info", "--check-config"}) {
    ChildProgram program(
        exporter_command({"--config.file=" + (files.root / "exporter.yml").native(), mode}));
    CHECK(program.exit_code() == 78);
    CHECK(program.prints("exporter.yml:1:"));
    CHECK(program.prints("exporter.yml:2:"));
  }
}

TEST_CASE("exporter: a wrong command line is told and exits 64") {
  ChildProgram program(exporter_command({"--no-such-flag"}));
  CHECK(program.exit_code() == 64);
  CHECK(program.prints("no-such-flag"));
}

TEST_CASE("exporter: check-config with nothing wrong exits 0") {
  ChildProgram program(exporter_command({"--check-config"}));
  CHECK(program.exit_code() == 0);
}

TEST_CASE("exporter: a busy port is told and exits 1") {
  RunningExporter first;
  const auto address = "127.0.0.1:" + std::to_string(first.port);
  ChildProgram second({kExporterProgram, "--web.listen-address=" + address});
  CHECK(second.exit_code() == 1);
  CHECK(second.prints(address));
}

TEST_CASE("exporter: SIGTERM stops it and its helper ends with it") {
  RunningExporter exporter;
  (void)exporter.metrics();  // starts the helper
  const auto helpers = children_of(exporter.program.pid);
  REQUIRE(helpers.size() == 1);
  kill(exporter.program.pid, SIGTERM);
  CHECK(exporter.program.exit_code() == 0);
  CHECK(eventually([&] { return kill(helpers.front(), 0) != 0; }));
}

TEST_CASE("exporter: killed with SIGKILL its port is free at once and its helper ends") {
  RunningExporter exporter;
  (void)exporter.metrics();
  const auto helpers = children_of(exporter.program.pid);
  REQUIRE(helpers.size() == 1);
  kill(helpers.front(), SIGSTOP);  // as one that hangs
  kill(exporter.program.pid, SIGKILL);
  CHECK(exporter.program.exit_code() == 128 + SIGKILL);
  ChildProgram next(
      {kExporterProgram, "--web.listen-address=127.0.0.1:" + std::to_string(exporter.port)});
  CHECK(next.port() == exporter.port);
  kill(helpers.front(), SIGCONT);
  CHECK(eventually([&] { return kill(helpers.front(), 0) != 0; }));
}
