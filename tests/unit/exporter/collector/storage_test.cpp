#include "exporter/collector/storage.hpp"

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/samples.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;
using namespace std::chrono_literals;

namespace {

CollectorConfig with_paths(std::string name, std::vector<std::string> paths) {
  CollectorConfig config;
  config.name = std::move(name);
  config.storage.paths = std::move(paths);
  return config;
}

}  // namespace

TEST_CASE("storage: the file systems of the declared paths, those that hang left out") {
  const TempTree tree{{{"well/x", ""}, {"hung/x", ""}}};
  const auto well = (tree.root / "well").native();
  const auto hung = (tree.root / "hung").native();
  const auto files = std::make_shared<FakeFiles>();
  files->hang(hung);
  const ManualClock clock;
  StorageModule module({with_paths("orders", {well, hung}), with_paths("other", {"/nonexistent"})},
                       files, clock);
  const auto families = module.collect({});
  REQUIRE(families);
  CHECK(sample(families, "collector_storage_answers", "orders", well) == 1);
  CHECK(sample(families, "collector_storage_answers", "orders", hung) == 0);
  CHECK(sample(families, "collector_storage_answers", "other", "/nonexistent") == 0);
  CHECK(sample(families, "collector_storage_readonly", "orders", well) == 0);
  for (const char* name : {"size_bytes", "free_bytes", "avail_bytes", "files", "files_free"}) {
    CAPTURE(name);
    CHECK(sample(families, std::string("collector_storage_") + name, "orders", well));
    CHECK_FALSE(sample(families, std::string("collector_storage_") + name, "orders", hung));
    CHECK_FALSE(sample(families, std::string("collector_storage_") + name, "other"));
  }
  const auto remarks = module.remarks();
  REQUIRE(remarks.size() == 2);
  CHECK(remarks[0].collector == "orders");
  CHECK(remarks[1].collector == "other");
}

TEST_CASE("storage: without a helper the module fails") {
  const auto files = std::make_shared<FakeFiles>();
  files->lose_helper();
  const ManualClock clock;
  StorageModule module({with_paths("orders", {"/"})}, files, clock);
  CHECK_FALSE(module.collect({}));
}

TEST_CASE("sync probes: a folder is written to when it is due and no sooner") {
  const TempTree tree;
  const auto files = std::make_shared<FakeFiles>();
  ManualClock clock;
  SyncProbes probes(files, clock);
  probes.add("orders", {.folder = tree.root.native(), .interval = 30s});
  CHECK(probes.turn() == 30s);
  CHECK(files->asked().empty());
  CHECK_FALSE(probes.samples().front().probed_at);
  clock.advance(30s);
  CHECK(probes.turn() == 30s);
  CHECK(files->asked().size() == 1);
  CHECK(probes.turn() == 30s);
  CHECK(files->asked().size() == 1);
  const auto samples = probes.samples();
  REQUIRE(samples.size() == 1);
  CHECK(samples.front().durations.histogram.sample_count == 1);
  CHECK(samples.front().failures == 0);
  CHECK(samples.front().probed_at == clock.wall());
  CHECK(std::filesystem::is_empty(tree.root));
}

TEST_CASE("sync probes: a folder that cannot be written to is counted as a failure") {
  const auto files = std::make_shared<FakeFiles>();
  ManualClock clock;
  SyncProbes probes(files, clock);
  probes.add("orders", {.folder = "/nonexistent", .interval = 5s});
  probes.add("other", {.folder = "/proc", .interval = 10s});
  clock.advance(5s);
  CHECK(probes.turn() == 5s);
  clock.advance(5s);
  CHECK(probes.turn() == 5s);
  const auto samples = probes.samples();
  CHECK(samples[0].failures == 2);
  CHECK(samples[0].durations.histogram.sample_count == 0);
  CHECK(samples[0].trouble.find("/nonexistent") != std::string::npos);
  CHECK(samples[1].failures == 1);
}
