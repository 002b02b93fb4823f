#include "remediator/actions/cache_clear.hpp"

#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/fake_runner.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
namespace fs = std::filesystem;

struct Lab {
  TempTree tree{{{"cache/a", "1"}, {"cache/deep/b", "2"}, {"kept/c", "3"}}};
  FakeRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  std::vector<std::string> paths{(tree.root / "cache").string()};

  std::unique_ptr<Action> action() {
    const nlohmann::json arguments{{"paths", paths}};
    return make_cache_clear(arguments.dump(), {runner, clock, inventory_of({}), {}, systemd})
        .value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  ApplyAnswer apply(const core::Plan& plan, std::stop_token stop = {}) {
    return action()->apply({own_attempt(), kOrders, plan, 0, std::chrono::seconds(60)},
                           std::move(stop));
  }
  ConfirmAnswer confirm(const core::Plan& plan) {
    return action()->confirm({own_attempt(), kOrders, plan, 0, {}}, {});
  }
};

}  // namespace

TEST_CASE("cache_clear empties the declared folder, keeps it, and follows no link out of it") {
  Lab lab;
  fs::create_symlink(lab.tree.root / "kept", lab.tree.root / "cache/link");
  const auto plan = lab.plan();
  REQUIRE(plan);
  CHECK(plan->steps.size() == 1);
  CHECK(plan->resources == std::vector<std::string>{"host/lab/path" + lab.paths[0]});
  CHECK(lab.confirm(*plan).answer == Confirmed::NotApplied);
  CHECK(lab.apply(*plan).outcome == Applied::Done);
  CHECK(lab.confirm(*plan).answer == Confirmed::Applied);
  CHECK(fs::is_empty(lab.tree.root / "cache"));
  CHECK(fs::exists(lab.tree.root / "kept/c"));

  // As after a crash before its record: there is nothing left to do.
  CHECK(lab.apply(*plan).outcome == Applied::Done);
}

TEST_CASE("cache_clear leaves another folder under the same name alone") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  fs::rename(lab.tree.root / "cache", lab.tree.root / "old");
  lab.tree.write("cache/new", "4");
  CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
  CHECK(fs::exists(lab.tree.root / "cache/new"));
}

TEST_CASE("cache_clear tells each folder that cannot be emptied, and empties none") {
  Lab lab;
  lab.paths.push_back((lab.tree.root / "cache/a").string());
  lab.paths.push_back((lab.tree.root / "kept/c").string());
  const auto plan = lab.plan();
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == Errc::Conflict);
  CHECK_THAT(plan.error().message, Catch::Contains(lab.paths[1]));
  CHECK_THAT(plan.error().message, Catch::Contains("; "));
  CHECK_THAT(plan.error().message, Catch::Contains(lab.paths[2]));
}

TEST_CASE("cache_clear is no remedy where there is nothing to clear") {
  Lab lab;
  lab.paths = {(lab.tree.root / "nowhere").string()};
  const auto plan = lab.plan();
  REQUIRE_FALSE(plan);
  CHECK(plan.error().code == Errc::NotFound);
}

TEST_CASE("cache_clear removes nothing once it was cancelled") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  std::stop_source stop;
  stop.request_stop();
  CHECK(lab.apply(*plan, stop.get_token()).outcome == Applied::Refused);
  CHECK(fs::exists(lab.tree.root / "cache/a"));
}

}  // namespace fieldmedic
