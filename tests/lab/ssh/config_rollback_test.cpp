// config_rollback on a host over SSH, against a real sshd: the host over there is this machine.
#include "remediator/actions/config_rollback.hpp"

#include <iostream>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/far_files.hpp"
#include "tests/fakes/own_child.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
namespace fs = std::filesystem;
using Names = std::vector<std::string>;

// Copies what it is configured with to RUNNING, at its start and on SIGHUP.
constexpr const char* kCollector = R"(
import os, shutil, signal, sys
def read(*_):
    shutil.copy(sys.argv[1], sys.argv[2] + "~")
    os.rename(sys.argv[2] + "~", sys.argv[2])
signal.signal(signal.SIGHUP, read)
read()
while True:
    signal.pause()
)";

struct Lab {
  SshHost host{SshHost::Home::Own};
  TempTree tree{{{"etc/orders.conf", "sick\n"},
                 {"base line's/orders.conf", "good\n"},
                 {"collector.py", kCollector}}};
  fs::path file = tree.root / "etc/orders.conf";
  fs::path good = tree.root / "base line's/orders.conf";
  fs::path running = tree.root / "running";
  int signal = 0;
  FakeRunner here;
  FakeSystemd systemd;
  SystemClock clock;
  std::shared_ptr<BadLine> line =
      std::make_shared<BadLine>(std::make_shared<SshConnection>(host.access, clock));

  Lab() { REQUIRE(host.up); }
  ~Lab() { CHECK(here.calls().empty()); }

  std::unique_ptr<Action> action() {
    CollectorSpec collector;
    collector.process.command_line = tree.root.filename().string() + "/collector";
    ActionTools tools{here, clock, far_inventory_of(collector), {"/nowhere", "/sys", "/"}, systemd};
    tools.far = far_hosts_of(line);
    const nlohmann::json arguments{
        {"file", file.string()}, {"good", good.string()}, {"signal", signal}};
    return make_config_rollback(arguments.dump(), tools).value();
  }
  Result<core::Plan> plan() { return action()->plan({kOrders, {}}, {}); }
  ApplyAnswer apply(const core::Plan& plan, std::size_t step = 0,
                    const core::AttemptId& attempt = "test-1-1") {
    return action()->apply({attempt, kOrders, plan, step, std::chrono::seconds(120)}, {});
  }
  ConfirmAnswer confirm(const core::Plan& plan, const core::AttemptId& attempt = "test-1-1") {
    return action()->confirm({attempt, kOrders, plan, 0, std::chrono::seconds(120)}, {});
  }
};

bool may_run() {
  const std::string why = SshHost::why_not();
  if (!why.empty()) std::cout << "SKIP: " << why << '\n';
  return why.empty();
}

}  // namespace

TEST_CASE("config_rollback over SSH puts the good version there, keeps the other, has it read") {
  if (!may_run()) return;
  Lab lab;
  lab.signal = SIGHUP;
  fs::permissions(lab.file, fs::perms(0640));
  if (geteuid() == 0) REQUIRE(chown(lab.file.c_str(), 12'345, 12'346) == 0);
  struct stat before{};
  REQUIRE(stat(lab.file.c_str(), &before) == 0);
  const OwnChild child({"/usr/bin/python3", (lab.tree.root / "collector.py").string(),
                        lab.file.string(), lab.running.string()});
  REQUIRE(eventually([&] { return content_of(lab.running) == "sick\n"; }));

  const auto plan = lab.plan();
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 2);
  CHECK(plan->steps[1].confirmable == core::Confirmable::AtMostOnce);
  const auto done = lab.apply(*plan);
  INFO(done.evidence);
  REQUIRE(done.outcome == Applied::Done);
  CHECK(content_of(lab.file) == "good\n");
  struct stat after{};
  REQUIRE(stat(lab.file.c_str(), &after) == 0);
  CHECK(after.st_uid == before.st_uid);
  CHECK(after.st_gid == before.st_gid);
  CHECK(after.st_mode == before.st_mode);
  CHECK(names_in(lab.tree.root / "etc") ==
        Names{"orders.conf", "orders.conf.replaced-2c054a48d807"});
  struct stat kept{};
  REQUIRE(stat((lab.file.string() + ".replaced-2c054a48d807").c_str(), &kept) == 0);
  CHECK(kept.st_ino == before.st_ino);
  const auto signalled = lab.apply(*plan, 1);
  INFO(signalled.evidence);
  REQUIRE(signalled.outcome == Applied::Done);
  CHECK(eventually([&] { return content_of(lab.running) == "good\n"; }));

  // As after a crash before its record: there is nothing left to do.
  CHECK(lab.confirm(*plan).answer == Confirmed::Applied);
  CHECK(lab.apply(*plan).outcome != Applied::Done);
  CHECK(lab.apply(*plan, 0, "test-1-2").outcome == Applied::WorldDiffers);
  CHECK(lab.plan().error().code == Errc::Conflict);
  // And a version that was replaced as sick is not good any more.
  std::ofstream(lab.good) << "sick\n";
  CHECK(lab.plan().error().message.ends_with("was itself replaced as sick"));
}

TEST_CASE("config_rollback over SSH: a lost answer is settled by looking, and nothing done twice") {
  if (!may_run()) return;
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  SECTION("it was done") {
    lab.line->loses = true;
    CHECK(lab.apply(*plan).outcome == Applied::Unknown);
    lab.line->loses = false;
    CHECK(lab.confirm(*plan).answer == Confirmed::Applied);
    std::ofstream(lab.file) << "by hand\n";
    CHECK(lab.apply(*plan).outcome != Applied::Done);
    CHECK(content_of(lab.file) == "by hand\n");
  }
  SECTION("it was never begun, and will not be") {
    CHECK(lab.confirm(*plan).answer == Confirmed::NotApplied);
    CHECK(lab.apply(*plan).outcome != Applied::Done);
    CHECK(content_of(lab.file) == "sick\n");
  }
}

TEST_CASE("config_rollback over SSH: what another changed meanwhile is left alone") {
  if (!may_run()) return;
  Lab lab;
  const auto plan = lab.plan();
  REQUIRE(plan);
  std::string left = "sick\n";
  Applied expected = Applied::WorldDiffers;
  SECTION("the file") {
    left = "by hand\n";
    lab.line->before = [&] { std::ofstream(lab.file) << "by hand\n"; };
  }
  SECTION("the good version") {
    lab.line->before = [&] { std::ofstream(lab.good) << "newer\n"; };
  }
  SECTION("the file is gone") {
    left.clear();
    lab.line->before = [&] { fs::remove(lab.file); };
  }
  SECTION("a link in its place") {
    left = "good\n";
    lab.line->before = [&] {
      fs::remove(lab.file);
      fs::create_symlink(lab.good, lab.file);
    };
  }
  SECTION("a link in the place of its folder") {
    expected = Applied::Refused;
    lab.line->before = [&] {
      fs::rename(lab.tree.root / "etc", lab.tree.root / "moved");
      fs::create_symlink(lab.tree.root / "moved", lab.tree.root / "etc");
    };
  }
  SECTION("what is kept has another content") {
    lab.line->before = [&] {
      std::ofstream(lab.file.string() + ".replaced-2c054a48d807") << "other\n";
    };
  }
  const auto answer = lab.apply(*plan);
  INFO(answer.evidence);
  CHECK(answer.outcome == expected);
  CHECK(content_of(lab.file) == left);
  CHECK_FALSE(fs::exists(lab.tree.root / "etc/.orders.conf.fieldmedic"));
  CHECK_FALSE(fs::exists(lab.tree.root / "etc/.orders.conf.fieldmedic-was"));
  CHECK(lab.confirm(*plan).answer != Confirmed::Applied);
}

TEST_CASE(
    "config_rollback over SSH: nothing is planned through a link, or without a good version") {
  if (!may_run()) return;
  Lab lab;
  Errc expected = Errc::Conflict;
  SECTION("the file is a link") {
    fs::rename(lab.file, lab.tree.root / "etc/real");
    fs::create_symlink("real", lab.file);
  }
  SECTION("its folder is a link") {
    fs::rename(lab.tree.root / "etc", lab.tree.root / "real");
    fs::create_symlink("real", lab.tree.root / "etc");
  }
  SECTION("the good version is not there") {
    fs::remove(lab.good);
    expected = Errc::NotFound;
  }
  SECTION("the good version is too large") {
    fs::resize_file(lab.good, 4 * 1024 * 1024 + 1);
    expected = Errc::TooLarge;
  }
  const auto plan = lab.plan();
  REQUIRE_FALSE(plan);
  INFO(plan.error().message);
  CHECK(plan.error().code == expected);
}

TEST_CASE("config_rollback over SSH: a file that is gone comes back, and what a crash left goes") {
  if (!may_run()) return;
  Lab lab;
  fs::remove(lab.file);
  lab.tree.write("etc/.orders.conf.fieldmedic", "half");
  lab.tree.write("etc/.orders.conf.fieldmedic-was", "half");
  const auto plan = lab.plan();
  REQUIRE(plan);
  SECTION("it comes back") {
    CHECK(lab.apply(*plan).outcome == Applied::Done);
    CHECK(content_of(lab.file) == "good\n");
    CHECK(fs::status(lab.file).permissions() == fs::perms(0644));
  }
  SECTION("another is there by then") {
    lab.line->before = [&] { std::ofstream(lab.file) << "by hand\n"; };
    CHECK(lab.apply(*plan).outcome == Applied::WorldDiffers);
    CHECK(content_of(lab.file) == "by hand\n");
  }
  CHECK(names_in(lab.tree.root / "etc") == Names{"orders.conf"});
}

TEST_CASE("config_rollback over SSH: without room or right over there nothing is changed") {
  if (!may_run()) return;
  Lab lab;
  const SmallDisk disk(lab.tree.root / "etc", "size=64k");
  if (!disk.mounted) {
    std::cout << "SKIP: nothing can be mounted here\n";
    return;
  }
  std::ofstream(lab.file) << "sick\n";
  fs::resize_file(lab.good, 256uz * 1024);
  const auto plan = lab.plan();
  REQUIRE(plan);
  SECTION("no room") {}
  SECTION("only to be read") {
    REQUIRE(disk.only_read());
  }
  const auto answer = lab.apply(*plan);
  INFO(answer.evidence);
  CHECK(answer.outcome == Applied::Refused);
  CHECK(content_of(lab.file) == "sick\n");
  CHECK(names_in(lab.tree.root / "etc") == Names{"orders.conf"});
  CHECK(lab.confirm(*plan).answer == Confirmed::NotApplied);
}

}  // namespace fieldmedic
