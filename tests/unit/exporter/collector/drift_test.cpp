#include "exporter/collector/drift.hpp"

#include <filesystem>

#include "exporter/collector/drift_watch.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/samples.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct Site {
  TempTree tree{{{"a.conf", "abc"}}};
  FakeFiles files;
  ManualClock clock;
  std::string path = (tree.root / "a.conf").native();
  std::string baseline = (tree.root / "baseline").native();

  [[nodiscard]] DriftWatch watch(std::string sha256) const {
    return DriftWatch({.files = {{.path = path, .sha256 = std::move(sha256)}}});
  }
  [[nodiscard]] DriftWatch watch_with_baseline() const {
    return DriftWatch({.files = {{.path = path}}, .baseline = baseline});
  }
  const DriftSample& look(DriftWatch& watch) {
    watch.look(files, clock, clock.steady() + std::chrono::seconds(1));
    return watch.samples().front();
  }
  // As if written at that time, before or after now.
  void touch(WallTime at) const {
    std::filesystem::last_write_time(
        path, std::chrono::file_clock::from_sys(
                  std::chrono::time_point_cast<std::chrono::nanoseconds>(at)));
  }
};

}  // namespace

TEST_CASE("config drift: a file is as its digest says, or other, or gone") {
  Site site;
  auto watch = site.watch(kAbc);
  CHECK(site.look(watch).drift == 0);
  CHECK(site.look(watch).trouble.empty());
  site.tree.append("a.conf", "d");
  CHECK(site.look(watch).drift == 1);
  CHECK(site.look(watch).trouble == site.path + ": was changed");
  std::filesystem::remove(site.path);
  CHECK(site.look(watch).drift == 1);
  CHECK(site.look(watch).trouble == site.path + ": is gone");
  site.tree.write("a.conf", "abc");
  CHECK(site.look(watch).drift == 0);
}

TEST_CASE("config drift: what cannot be read is absent and says why") {
  Site site;
  auto watch = site.watch(kAbc);
  REQUIRE(site.look(watch).drift == 0);
  site.files.hang(site.path);
  CHECK_FALSE(site.look(watch).drift);
  CHECK(site.look(watch).trouble == site.path + ": hangs");
  site.files.recover(site.path);
  CHECK(site.look(watch).drift == 0);
}

TEST_CASE("config drift: a baseline file is read at every look") {
  Site site;
  auto watch = site.watch_with_baseline();
  CHECK_FALSE(site.look(watch).drift);
  CHECK(site.look(watch).trouble.find("baseline") != std::string::npos);
  site.tree.write("baseline", std::string(kAbc) + "  a.conf\n");
  CHECK(site.look(watch).drift == 0);
  site.tree.write("baseline", std::string(kNothing) + "  " + site.path + "\n");
  CHECK(site.look(watch).drift == 1);
  site.tree.write("baseline", std::string(kNothing) + "  other.conf\n");
  CHECK_FALSE(site.look(watch).drift);
  CHECK(site.look(watch).trouble.find("not in the baseline") != std::string::npos);
  site.tree.write("baseline", "nonsense\n");
  CHECK_FALSE(site.look(watch).drift);
  CHECK(site.look(watch).trouble.find("line 1") != std::string::npos);
}

TEST_CASE("config drift: the time of the last change is that of the content") {
  using std::chrono::seconds;
  Site site;
  auto watch = site.watch(kAbc);
  const auto begun = site.clock.wall();
  site.touch(begun - seconds(100));
  CHECK(site.look(watch).changed_at == begun - seconds(100));
  site.clock.advance(seconds(60));
  site.touch(begun + seconds(30));  // touched, not changed
  CHECK(site.look(watch).changed_at == begun - seconds(100));
  site.clock.advance(seconds(60));
  site.tree.write("a.conf", "x");
  site.touch(begun + seconds(90));
  CHECK(site.look(watch).changed_at == begun + seconds(90));
  site.clock.advance(seconds(60));
  site.tree.write("a.conf", "y");
  site.touch(begun);  // another file was moved here
  CHECK(site.look(watch).changed_at == begun + seconds(180));
}

TEST_CASE("config module: files are looked at in the background") {
  Site site;
  static const SystemClock clock;  // the thread that looks may outlive the module
  CollectorConfig orders;
  orders.name = "orders";
  orders.drift.files = {{.path = site.path, .sha256 = kNothing}};
  DriftModule module({orders}, std::make_shared<FakeFiles>(), clock);
  CHECK(eventually(
      [&] { return sample(module.collect({}), "collector_config_drift", "orders") == 1; }));
  const auto families = module.collect({});
  CHECK(sample(families, "collector_config_timestamp_seconds", "orders", site.path) > 0);
  CHECK(sample(families, "collector_config_last_change_timestamp_seconds", "orders", site.path) >
        0);
  const auto remarks = module.remarks();
  REQUIRE(remarks.size() == 1);
  CHECK(remarks.front().collector == "orders");
  for (const auto& family : *families) {
    for (const auto& metric : family.metric) {
      for (const auto& label : metric.label) CHECK(label.value.find(kAbc) == std::string::npos);
    }
  }
}
