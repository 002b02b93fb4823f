// The host modules against a real node_exporter: same families, types, labels and values.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "common/http_client.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/exposition_text.hpp"
#include "tests/fakes/host_fixture.hpp"

using namespace fieldmedic;

namespace {

constexpr const char* kNodeExporter = "/usr/bin/prometheus-node-exporter";

std::vector<std::string> paths(const std::filesystem::path& host) {
  return {"--path.procfs=" + (host / "proc").native(), "--path.sysfs=" + (host / "sys").native(),
          "--path.rootfs=" + (host / "root").native(),
          "--collector.textfile.directory=" + (host / "textfile").native()};
}

std::vector<std::string> node_exporter(std::vector<std::string> more) {
  std::vector<std::string> argv{kNodeExporter,
                                "--web.listen-address=127.0.0.1:0",
                                "--web.disable-exporter-metrics",
                                "--collector.disable-defaults",
                                "--no-collector.netdev.netlink",
                                "--path.udev.data=/nonexistent"};
  for (const auto* name :
       {"cpu", "diskstats", "filefd", "filesystem", "loadavg", "meminfo", "netdev", "netstat",
        "pressure", "sockstat", "stat", "textfile", "time", "timex", "uname", "vmstat"}) {
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
  request.timeout = std::chrono::seconds(60);
  const auto page = http.send(request, {});
  REQUIRE(page);
  REQUIRE(page->status == 200);
  return read_exposition(page->body);
}

// The names before the colons; a '*' at the end stands for any ending.
std::vector<std::string> known_differences() {
  std::vector<std::string> names;
  std::ifstream file(std::filesystem::path(FIELDMEDIC_SOURCE_DIR) / "tests/parity/differences.txt");
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

bool same(const std::string& a, const std::string& b) {
  return a == b;
}

bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

// The keys whose value is not the same on both sides, or that only one side has.
template <class Map>
std::vector<std::string> differing(const Map& have, const Map& want) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : have) {
    const auto found = want.find(key);
    if (found == want.end())
      keys.push_back("only ours: " + key);
    else if (!same(value, found->second))
      keys.push_back("other value: " + key);
  }
  for (const auto& [key, value] : want) {
    if (!have.contains(key)) keys.push_back("only theirs: " + key);
  }
  return keys;
}

// What is not read from the fixture but from this machine, and goes on between the two scrapes.
bool moves(const std::string& family) {
  return family == "node_filesystem_avail_bytes" || family == "node_filesystem_free_bytes" ||
         family == "node_filesystem_files_free" || family == "node_time_seconds" ||
         family.starts_with("node_timex_");
}

bool between(double low, double value, double high) {
  return std::min(low, high) <= value && value <= std::max(low, high);
}

// What `want` says otherwise than we did right before and right after it: families and their types,
// series, and counters that do not lie between. A gauge may swing.
std::vector<std::string> live_differences(const ExpositionText& before, const ExpositionText& want,
                                          const ExpositionText& after,
                                          const std::vector<std::string>& known) {
  auto found = differing(without_known(after.types, known), without_known(want.types, known));
  const auto names = [&](const ExpositionText& page) {
    auto all = without_known(page.samples, known);
    for (auto& [name, value] : all) value = 0;
    return all;
  };
  std::ranges::move(differing(names(after), names(want)), std::back_inserter(found));
  for (const auto& [name, value] : without_known(want.samples, known)) {
    const auto type = want.types.find(family_of(name));
    const bool counts = type != want.types.end() && type->second == "counter";
    if (!counts || !before.has(name) || !after.has(name)) continue;
    const double low = before.samples.at(name);
    const double high = after.samples.at(name);
    if (!between(low, value, high))
      found.push_back(fmt::format("{}: {} {} {}", name, low, value, high));
  }
  return found;
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
  const std::vector<std::string> none;
  CHECK(differing(without_known(have.types, differences), without_known(want.types, differences)) ==
        none);
  auto want_samples = without_known(want.samples, differences);
  auto have_samples = without_known(have.samples, differences);
  CHECK(want_samples.size() > 150);
  for (auto* samples : {&want_samples, &have_samples}) {
    for (auto& [name, value] : *samples) {
      if (moves(family_of(name))) value = 0;
    }
  }
  CHECK(differing(have_samples, want_samples) == none);
}

TEST_CASE("node parity: this host gives the same families labels types and values") {
  if (!node_exporter_is_here()) return;
  ChildProgram theirs(node_exporter({}));
  ChildProgram ours(our_exporter({}));
  const auto differences = known_differences();
  (void)scrape(theirs);  // starts what a first scrape starts
  // Mounts and devices of tests beside this one come and go between two scrapes.
  std::vector<std::string> found;
  const bool same_host = eventually([&] {
    const auto before = scrape(ours);
    const auto want = scrape(theirs);
    const auto after = scrape(ours);
    found = live_differences(before, want, after, differences);
    return found.empty();
  });
  INFO(fmt::format("{}", fmt::join(found, "\n")));
  CHECK(same_host);
}

TEST_CASE("node parity: every difference is one that exists") {
  if (!node_exporter_is_here()) return;
  ChildProgram theirs(node_exporter(paths(fixture_host())));
  ChildProgram ours(our_exporter(paths(fixture_host())));
  const auto want = scrape(theirs);
  const auto have = scrape(ours);
  const auto of = [](const ExpositionText& page, const std::string& difference) {
    std::map<std::string, double> found;
    for (const auto& [name, value] : page.samples) {
      if (is_known({difference}, family_of(name))) found.emplace(name, value);
    }
    return found;
  };
  for (const auto& difference : known_differences()) {
    INFO(difference);
    CHECK(of(want, difference) != of(have, difference));
  }
}
