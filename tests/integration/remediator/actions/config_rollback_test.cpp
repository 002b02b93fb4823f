// config_rollback on real files, and a child that reads them anew on SIGHUP.
#include "remediator/actions/config_rollback.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "common/process_runner.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/own_child.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
namespace fs = std::filesystem;

// Copies what it is configured with to RUNNING, at its start and on SIGHUP.
constexpr const char* kCollector = R"(
import shutil, signal, sys
def read(*_):
    shutil.copy(sys.argv[1], sys.argv[2])
signal.signal(signal.SIGHUP, read)
read()
while True:
    signal.pause()
)";

std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Lab {
  TempTree tree{{{"etc/orders.conf", "sick\n"},
                 {"baseline/orders.conf", "good\n"},
                 {"collector.py", kCollector}}};
  fs::path file = tree.root / "etc/orders.conf";
  fs::path good = tree.root / "baseline/orders.conf";
  fs::path running = tree.root / "running";
  int signal = 0;
  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;

  std::unique_ptr<Action> action() {
    CollectorSpec collector;
    collector.process.command_line = tree.root.filename().string() + "/collector";
    const nlohmann::json arguments{
        {"file", file.string()}, {"good", good.string()}, {"signal", signal}};
    return make_config_rollback(arguments.dump(),
                                {runner, clock, inventory_of(collector), {}, systemd})
        .value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  ApplyAnswer apply(const core::Plan& plan, std::size_t step = 0, std::stop_token stop = {}) {
    return action()->apply({own_attempt(), kOrders, plan, step, std::chrono::seconds(60)},
                           std::move(stop));
  }
  Confirmed confirm(const core::Plan& plan, std::size_t step = 0) {
    return action()->confirm({own_attempt(), kOrders, plan, step, {}}, {}).answer;
  }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(file.parent_path()))
      found.push_back(entry.path().filename().string());
    std::ranges::sort(found);
    return found;
  }
};

}  // namespace

TEST_CASE("config_rollback puts the good version there, keeps the other, and has it read") {
  Lab lab;
  lab.signal = SIGHUP;
  fs::permissions(lab.file, fs::perms(0640));
  const OwnChild child({"/usr/bin/python3", (lab.tree.root / "collector.py").string(),
                        lab.file.string(), lab.running.string()});
  REQUIRE(eventually([&] { return content_of(lab.running) == "sick\n"; }));
  const auto plan = lab.plan();
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 2);
  CHECK(plan->steps[1].confirmable == core::Confirmable::AtMostOnce);
  CHECK_FALSE(plan->lease);
  CHECK(lab.confirm(*plan) == Confirmed::NotApplied);
  REQUIRE(lab.apply(*plan).outcome == Applied::Done);
  CHECK(lab.confirm(*plan) == Confirmed::Applied);
  CHECK(content_of(lab.file) == "good\n");
  CHECK(fs::status(lab.file).permissions() == fs::perms(0640));
  CHECK(lab.names() ==
        std::vector<std::string>{"orders.conf", "orders.conf.replaced-2c054a48d807"});
  CHECK(content_of(lab.file.string() + ".replaced-2c054a48d807") == "sick\n");
  REQUIRE(lab.apply(*plan, 1).outcome == Applied::Done);
  CHECK(eventually([&] { return content_of(lab.running) == "good\n"; }));

  // As after a crash before its record: there is nothing left to do.
  CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
  CHECK(lab.confirm(*plan) == Confirmed::Applied);
  CHECK(lab.plan().error().code == Errc::Conflict);
}

TEST_CASE("config_rollback: a version that was replaced as sick is not good any more") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(lab.apply(*plan).outcome == Applied::Done);
  std::ofstream(lab.good) << "sick\n";
  const auto back = lab.plan();
  REQUIRE_FALSE(back);
  CHECK(back.error().message.ends_with("was itself replaced as sick"));
}

TEST_CASE("config_rollback: what changed since the plan is left alone") {
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  SECTION("the file") {
    std::ofstream(lab.file) << "by hand\n";
    CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
    CHECK(content_of(lab.file) == "by hand\n");
  }
  SECTION("the good version") {
    std::ofstream(lab.good) << "newer\n";
    CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
    CHECK(content_of(lab.file) == "sick\n");
  }
  SECTION("a link in its place") {
    fs::remove(lab.file);
    fs::create_symlink(lab.good, lab.file);
    CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
    CHECK(fs::is_symlink(lab.file));
    CHECK(lab.plan().error().code == Errc::Conflict);
  }
  SECTION("nothing, since it was cancelled") {
    std::stop_source stop;
    stop.request_stop();
    CHECK(lab.apply(*plan, 0, stop.get_token()).outcome == Applied::Refused);
    CHECK(content_of(lab.file) == "sick\n");
  }
  CHECK(lab.names() == std::vector<std::string>{"orders.conf"});
}

TEST_CASE("config_rollback: a file that is gone comes back, unless another is there by then") {
  Lab lab;
  fs::remove(lab.file);
  const auto plan = lab.plan();
  REQUIRE(plan);
  SECTION("it comes back") {
    CHECK(lab.apply(*plan).outcome == Applied::Done);
    CHECK(content_of(lab.file) == "good\n");
  }
  SECTION("another is there") {
    std::ofstream(lab.file) << "by hand\n";
    CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
    CHECK(content_of(lab.file) == "by hand\n");
  }
  CHECK(lab.names() == std::vector<std::string>{"orders.conf"});
}

TEST_CASE("config_rollback: what a crash of ours left is cleared away") {
  Lab lab;
  lab.tree.write("etc/.orders.conf.fieldmedic", "half");
  const auto plan = lab.plan();
  REQUIRE(plan);
  REQUIRE(lab.apply(*plan).outcome == Applied::Done);
  CHECK(lab.names().size() == 2);
  CHECK(content_of(lab.file) == "good\n");
}

TEST_CASE("config_rollback: without a good version there is no remedy") {
  Lab lab;
  SECTION("it is not there") {
    fs::remove(lab.good);
    CHECK(lab.plan().error().code == Errc::NotFound);
  }
  SECTION("it is a folder") {
    fs::remove(lab.good);
    fs::create_directory(lab.good);
    CHECK(lab.plan().error().code == Errc::Conflict);
  }
  SECTION("it is too large") {
    fs::resize_file(lab.good, 4 * 1024 * 1024 + 1);
    CHECK(lab.plan().error().code == Errc::TooLarge);
  }
}

}  // namespace fieldmedic
