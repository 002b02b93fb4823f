// The host modules against a real node_exporter: same families, types, labels and values.
#include <algorithm>
#include <fstream>
#include <iostream>

#include "common/http_client.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/exposition_text.hpp"
#include "tests/fakes/host_fixture.hpp"

using namespace fieldmedic;

namespace {

constexpr const char* kNodeExporter = "/usr/bin/prometheus-node-exporter";

std::vector<std::string> paths(const std::filesystem::path& host) {
  return {"--path.procfs=" + (host / "proc").native(), "--path.sysfs=" + (host / "sys").native(),
          "--path.rootfs=" + (host / "root").native()};
}

std::vector<std::string> node_exporter(std::vector<std::string> more) {
  std::vector<std::string> argv{kNodeExporter,
                                "--web.listen-address=127.0.0.1:0",
                                "--web.disable-exporter-metrics",
                                "--collector.disable-defaults",
                                "--no-collector.netdev.netlink",
                                "--path.udev.data=/nonexistent"};
  for (const auto* name : {"cpu", "diskstats", "filesystem", "loadavg", "meminfo", "netdev",
                           "netstat", "pressure", "stat"}) {
    argv.push_back(std::string("--collector.") + name);
  }
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

std::vector<std::string> our_exporter(std::vector<std::string> more) {
  std::vector<std::string> argv{FIELDMEDIC_BIN_DIR "/fieldmedic-exporter",
                                "--web.listen-address=127.0.0.1:0"};
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

ExpositionText scrape(ChildProgram& program) {
  const auto port = program.port();
  REQUIRE(port);
  CurlHttpClient http;
  HttpRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(*port) + "/metrics";
  const auto page = http.send(request, {});
  REQUIRE(page);
  REQUIRE(page->status == 200);
  return read_exposition(page->body);
}

// The names before the colons; a '*' at the end stands for any ending.
std::vector<std::string> known_differences() {
  std::vector<std::string> names;
  std::ifstream file(fixture_host() / "differences.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    names.push_back(line.substr(0, line.find(':')));
  }
  return names;
}

bool is_known(const std::vector<std::string>& differences, const std::string& name) {
  return std::ranges::any_of(differences, [&](const std::string& known) {
    return known.ends_with('*') ? name.starts_with(known.substr(0, known.size() - 1))
                                : name == known;
  });
}

std::string family_of(const std::string& sample) {
  return sample.substr(0, sample.find('{'));
}

template <class Map>
Map without_known(const Map& all, const std::vector<std::string>& differences) {
  Map rest;
  for (const auto& [key, value] : all) {
    if (!is_known(differences, family_of(key))) rest.emplace(key, value);
  }
  return rest;
}

bool node_exporter_is_here() {
  if (std::filesystem::exists(kNodeExporter)) return true;
  std::cout << "SKIP: " << kNodeExporter << " is not installed\n";
  return false;
}

}  // namespace

TEST_CASE("node parity: a fixture host gives the same families labels types and values") {
  if (!node_exporter_is_here()) return;
  ChildProgram theirs(node_exporter(paths(fixture_host())));
  ChildProgram ours(our_exporter(paths(fixture_host())));
  const auto differences = known_differences();
  const auto want = scrape(theirs);
  const auto have = scrape(ours);
  CHECK(without_known(have.types, differences) == without_known(want.types, differences));
  CHECK(without_known(have.helps, differences) == without_known(want.helps, differences));
  auto want_samples = without_known(want.samples, differences);
  auto have_samples = without_known(have.samples, differences);
  CHECK(want_samples.size() > 150);
  // The space of the file system under the fixture moves between the two scrapes.
  for (auto* samples : {&want_samples, &have_samples}) {
    for (auto& [name, value] : *samples) {
      const auto family = family_of(name);
      if (family == "node_filesystem_avail_bytes" || family == "node_filesystem_free_bytes" ||
          family == "node_filesystem_files_free") {
        value = 0;
      }
    }
  }
  CHECK(have_samples == want_samples);
}

TEST_CASE("node parity: this host gives the same families labels and types") {
  if (!node_exporter_is_here()) return;
  ChildProgram theirs(node_exporter({}));
  ChildProgram ours(our_exporter({}));
  const auto differences = known_differences();
  const auto want = scrape(theirs);
  const auto have = scrape(ours);
  CHECK(without_known(have.types, differences) == without_known(want.types, differences));
  std::vector<std::string> want_names;
  std::vector<std::string> have_names;
  for (const auto& [name, value] : without_known(want.samples, differences))
    want_names.push_back(name);
  for (const auto& [name, value] : without_known(have.samples, differences))
    have_names.push_back(name);
  CHECK(have_names == want_names);
}

TEST_CASE("node parity: every difference is one that exists") {
  if (!node_exporter_is_here()) return;
  ChildProgram theirs(node_exporter(paths(fixture_host())));
  ChildProgram ours(our_exporter(paths(fixture_host())));
  auto all = scrape(theirs).types;
  all.merge(scrape(ours).types);
  for (const auto& difference : known_differences()) {
    INFO(difference);
    CHECK(std::ranges::any_of(
        all, [&](const auto& family) { return is_known({difference}, family.first); }));
  }
}
