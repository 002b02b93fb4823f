// The real fieldmedic-exporter beside a file system that hangs.
#include "tests/fakes/hung_mount.hpp"

#include <signal.h>

#include <cstdio>
#include <thread>

#include "tests/catch.hpp"
#include "tests/fakes/loopback_listener.hpp"
#include "tests/fakes/running_exporter.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

// SHA-256 of nothing.
const std::string kEmptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// A host with a mount that answers and one that does not.
struct Site {
  TempTree tree{{{"proc/loadavg", "1.50 1.00 0.50 2/300 4711\n"}, {"well/x", ""}}};
  std::string well = (tree.root / "well").native();
  std::string hung = (tree.root / "hung").native();
  HungMount mount{hung};

  Site() {
    tree.write("proc/1/mounts", "/dev/a " + well + " ext4 rw 0 0\nhung " + hung + " fuse rw 0 0\n");
    if (!mount.mounted()) puts("SKIP: a hung mount needs root and /dev/fuse");
  }
  [[nodiscard]] std::vector<std::string> flags() const {
    return {"--path.procfs=" + (tree.root / "proc").native()};
  }
  static std::string of_mount(const std::string& family, const std::string& device,
                              const std::string& type, const std::string& path) {
    return family + "{device=\"" + device + "\",fstype=\"" + type + "\",mountpoint=\"" + path +
           "\"}";
  }
};

// Prometheus' word that it waits for N seconds.
std::vector<std::pair<std::string, std::string>> waits(const std::string& seconds) {
  return {{"X-Prometheus-Scrape-Timeout-Seconds", seconds}};
}

}  // namespace

TEST_CASE("exporter: a mount that hangs costs its own samples and no others") {
  const Site site;
  if (!site.mount.mounted()) return;
  RunningExporter exporter(site.flags());
  const auto well = Site::of_mount("node_filesystem_size_bytes", "/dev/a", "ext4", site.well);
  REQUIRE(eventually([&] { return exporter.metrics("", waits("5")).has(well); }));
  for (int scrape = 0; scrape < 3; ++scrape) {
    const auto metrics = exporter.metrics("", waits("5"));
    CHECK(metrics.has("node_load1"));
    CHECK(metrics.samples.at("fieldmedic_scrape_module_success{module=\"filesystem\"}") == 1);
    CHECK(metrics.has(well));
    CHECK(metrics.samples.at(
              Site::of_mount("node_filesystem_device_error", "hung", "fuse", site.hung)) == 1);
    CHECK_FALSE(
        metrics.has(Site::of_mount("node_filesystem_size_bytes", "hung", "fuse", site.hung)));
  }
}

TEST_CASE("exporter: a stop while a scrape waits for a mount that hangs is a stop") {
  const Site site;
  if (!site.mount.mounted()) return;
  RunningExporter exporter(site.flags());
  std::jthread scrape([&] {
    CurlHttpClient http;
    HttpRequest asked;
    asked.url = "http://127.0.0.1:" + std::to_string(exporter.port) + "/metrics";
    asked.headers = waits("3");
    static_cast<void>(http.send(asked, {}));  // answered or cut off: both are right
  });
  // The helper is started for the file systems: from now on the module waits.
  REQUIRE(eventually([&] { return children_of(exporter.program.pid).size() == 1; }));
  kill(exporter.program.pid, SIGTERM);
  CHECK(exporter.program.exit_code() == 0);
}

TEST_CASE("exporter: killed while its helper hangs in a mount, its port is free at once") {
  const Site site;
  if (!site.mount.mounted()) return;
  RunningExporter exporter(site.flags());
  (void)exporter.metrics("", waits("1"));
  kill(exporter.program.pid, SIGKILL);
  REQUIRE(exporter.program.exit_code() == 128 + SIGKILL);
  ChildProgram next(
      {kExporterProgram, "--web.listen-address=127.0.0.1:" + std::to_string(exporter.port)});
  CHECK(next.port() == exporter.port);
}

TEST_CASE(
    "exporter: a collector's files on a mount that hangs cost their own samples and no others") {
  const Site site;
  if (!site.mount.mounted()) return;
  const auto config = site.tree.write(
      "exporter.yml", "collectors:\n  - name: orders\n    storage:\n      paths: [" + site.well +
                          ", " + site.hung + "]\n      sync_probe: {folder: " + site.well +
                          ", interval: 5s}\n    config: {files: [{path: " + site.well +
                          "/x, sha256: " + kEmptyDigest + "}, {path: " + site.hung +
                          "/y, sha256: " + kEmptyDigest + "}]}\n");
  auto flags = site.flags();
  flags.push_back("--config.file=" + config.native());
  RunningExporter exporter(flags);
  const auto sample = [&](const std::string& family, const std::string& label,
                          const std::string& value) -> std::optional<double> {
    const auto metrics = exporter.metrics("", waits("5"));
    const auto name =
        "collector_" + family + "{collector=\"orders\"," + label + "=\"" + value + "\"}";
    if (!metrics.has(name)) return std::nullopt;
    return metrics.samples.at(name);
  };
  CHECK(eventually([&] { return sample("storage_answers", "path", site.well) == 1; }));
  CHECK(sample("storage_answers", "path", site.hung) == 0);
  CHECK(sample("storage_size_bytes", "path", site.well) > 0);
  CHECK_FALSE(sample("storage_size_bytes", "path", site.hung));
  CHECK(eventually([&] { return sample("config_drift", "file", site.well + "/x") == 0; },
                   std::chrono::seconds(60)));
  CHECK_FALSE(sample("config_drift", "file", site.hung + "/y"));
  CHECK(eventually(
      [&] { return sample("storage_sync_duration_seconds_count", "folder", site.well) > 0; },
      std::chrono::seconds(60)));
  CHECK(sample("storage_sync_failures_total", "folder", site.well) == 0);
  CHECK(std::filesystem::exists(site.well + "/x"));
  const auto metrics = exporter.metrics("", waits("5"));
  for (const char* module : {"storage", "config", "filesystem", "loadavg"}) {
    CAPTURE(module);
    CHECK(metrics.samples.at(std::string("fieldmedic_scrape_module_success{module=\"") + module +
                             "\"}") == 1);
  }
}

TEST_CASE("exporter: a log and a success page that hang cost their collector's samples only") {
  const Site site;
  if (!site.mount.mounted()) return;
  const LoopbackListener silent;
  silent.listen(16);  // and nobody accepts
  site.tree.write("well/orders.log", "");
  const auto config = site.tree.write(
      "exporter.yml", "collectors:\n  - name: stuck\n    log: {files: [" + site.hung +
                          "/stuck.log]}\n    success: {json: {url: 'http://" + silent.address() +
                          "/stats', attempts: [/n]}}\n  - name: orders\n    log: {files: [" +
                          site.well + "/orders.log]}\n    success: {log: {files: [" + site.well +
                          "/orders.log], failures: [ERROR], attempts: ['']}}\n");
  auto flags = site.flags();
  flags.push_back("--config.file=" + config.native());
  RunningExporter exporter(flags);
  const auto scrape = [&] { return exporter.metrics("", waits("5")).samples; };
  // The first scrape may be spent on waiting; from then on the path that hangs is asked no more.
  REQUIRE(eventually([&] {
    const auto samples = scrape();
    const auto files = samples.find("collector_log_files{collector=\"orders\"}");
    return files != samples.end() && files->second == 1;
  }));
  site.tree.append("well/orders.log", "ERROR one\ntwo\n");
  const auto samples = scrape();
  for (const char* module : {"log", "success"}) {
    CAPTURE(module);
    CHECK(samples.at(std::string("fieldmedic_scrape_module_success{module=\"") + module + "\"}") ==
          1);
  }
  CHECK(samples.at("collector_log_readable{collector=\"stuck\"}") == 0);
  CHECK_FALSE(samples.contains("collector_log_read_bytes_total{collector=\"stuck\"}"));
  CHECK_FALSE(samples.contains("collector_attempts_total{collector=\"stuck\"}"));
  CHECK(samples.at("collector_log_messages_total{collector=\"orders\",severity=\"error\"}") == 1);
  CHECK(samples.at("collector_attempts_total{collector=\"orders\"}") == 2);
  CHECK(samples.at("collector_failures_total{collector=\"orders\"}") == 1);
}

TEST_CASE("exporter: a mount and a health URL that hang together leave every other family there") {
  const Site site;
  if (!site.mount.mounted()) return;
  const LoopbackListener silent;
  silent.listen(16);  // and nobody accepts
  const LoopbackListener well;
  well.listen(16);
  const auto config = site.tree.write(
      "exporter.yml",
      "collectors:\n  - name: stuck\n    health: [{url: 'http://" + silent.address() +
          "/health', timeout: 60s, interval: 60s}]\n  - name: orders\n    peers: [\"" +
          well.address() + "\"]\n");
  auto flags = site.flags();
  flags.push_back("--config.file=" + config.native());
  RunningExporter exporter(flags);
  const std::string peer =
      "collector_peer_up{collector=\"orders\",peer=\"" + well.address() + "\"}";
  REQUIRE(eventually([&] { return exporter.metrics("", waits("5")).has(peer); }));
  const auto samples = exporter.metrics("", waits("5")).samples;
  CHECK(samples.at(peer) == 1);
  CHECK(samples.at("fieldmedic_scrape_module_success{module=\"health\"}") == 1);
  CHECK(samples.contains("node_load1"));
  CHECK(
      samples.contains(Site::of_mount("node_filesystem_size_bytes", "/dev/a", "ext4", site.well)));
  for (const auto& [series, value] : samples) {
    CAPTURE(series);
    CHECK_FALSE(series.starts_with("collector_health_up{collector=\"stuck\""));
  }
}
