#include "remediator/actions/process_restart.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/own_child.hpp"
#include "tests/fakes/process_restart_lab.hpp"

namespace fieldmedic {

namespace {

using Lab = ProcessRestartLab;
using core::Applied;
using core::Confirmed;
using std::chrono::milliseconds;

std::string only_value(const std::filesystem::path& procfs, pid_t pid, std::string_view name) {
  return read_environment(procfs, pid, name).value_or("(none)");
}

}  // namespace

TEST_CASE("process_restart ends the old process and starts a new one that is nobody's child") {
  Lab lab;
  lab.collector.environment = {"ORDERS_MODE=fast"};
  OwnChild old({lab.program(), "300"});
  REQUIRE(old.running);
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.size() == 2);
  CHECK(plan->resources == std::vector<std::string>{"host/lab/process/orders"});
  CHECK(plan->steps[1].wanted.find("ORDERS_MODE") == std::string::npos);

  CHECK(lab.confirm(*plan, 0).answer == Confirmed::NotApplied);
  const auto stopped = lab.apply(*plan, 0);
  INFO(stopped.evidence);
  CHECK(stopped.outcome == Applied::Done);
  CHECK(old.reap() == SIGTERM);
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::Applied);

  CHECK(lab.confirm(*plan, 1).answer == Confirmed::NotApplied);
  const auto started = lab.apply(*plan, 1);
  INFO(started.evidence);
  CHECK(started.outcome == Applied::Done);
  CHECK(lab.confirm(*plan, 1).answer == Confirmed::Applied);

  const auto living = lab.living();
  REQUIRE(living.size() == 1);
  const ProcessInfo& now = living.front();
  CHECK(now.parent != getpid());
  CHECK(now.session == now.identity.pid);
  CHECK(now.process_group == now.identity.pid);
  CHECK(only_value("/proc", now.identity.pid, "FIELDMEDIC_ATTEMPT") == own_attempt());
  CHECK(only_value("/proc", now.identity.pid, "ORDERS_MODE") == "fast");
  CHECK(only_value("/proc", now.identity.pid, "HOME") == "(none)");
  const auto fds = std::filesystem::path("/proc") / std::to_string(now.identity.pid) / "fd";
  for (const auto& fd : std::filesystem::directory_iterator(fds))
    CHECK(std::filesystem::read_symlink(fd) == "/dev/null");
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // no child of ours is left, no zombie either
}

TEST_CASE("process_restart kills a process that ignores SIGTERM") {
  Lab lab;
  lab.collector.stop_timeout = milliseconds(100);
  OwnChild stubborn({lab.program(), "300"}, OwnChild::Term::Ignored);
  REQUIRE(stubborn.running);
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  const auto stopped = lab.apply(*plan, 0);
  INFO(stopped.evidence);
  CHECK(stopped.outcome == Applied::Done);
  CHECK(stopped.evidence.find("1 by SIGKILL") != std::string::npos);
  CHECK(stubborn.reap() == SIGKILL);
}

TEST_CASE("process_restart ends what a wrapper started also when it is another program") {
  Lab lab;
  const std::string worker = (lab.tree.root / "worker").string();
  std::filesystem::copy_file("/bin/sleep", worker);
  const std::string wrapper = (lab.tree.root / "wrapper").string();
  std::filesystem::copy_file("/bin/sh", wrapper);
  lab.collector.process = {"", wrapper, ""};
  OwnChild old({wrapper, "-c", worker + " 300; true"});
  REQUIRE(old.running);
  const auto by_worker = ProcessMatcher::compile({"", worker, ""});
  REQUIRE(eventually([&] { return by_worker->find("/proc")->size() == 1; }));
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  const auto stopped = lab.apply(*plan, 0);
  INFO(stopped.evidence);
  CHECK(stopped.outcome == Applied::Done);
  CHECK(by_worker->find("/proc")->empty());
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::Applied);
}

TEST_CASE("process_restart ends a process that was stopped by SIGSTOP") {
  Lab lab;
  OwnChild frozen({lab.program(), "300"});
  REQUIRE(frozen.running);
  kill(frozen.pid(), SIGSTOP);
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  CHECK(lab.apply(*plan, 0).outcome == Applied::Done);
  CHECK(frozen.reap() == SIGTERM);
}

TEST_CASE("process_restart takes a target that is gone meanwhile for stopped") {
  Lab lab;
  OwnChild old({lab.program(), "300"});
  REQUIRE(old.running);
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  kill(old.pid(), SIGKILL);
  old.reap();
  const auto stopped = lab.apply(*plan, 0);
  CHECK(stopped.outcome == Applied::Done);
  CHECK(stopped.evidence.find("gone already") != std::string::npos);
}

TEST_CASE("process_restart refuses to end a process that plan did not see") {
  Lab lab;
  OwnChild old({lab.program(), "300"});
  REQUIRE(old.running);
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  OwnChild young({lab.program(), "301"});
  REQUIRE(young.running);
  CHECK(lab.apply(*plan, 0).outcome == Applied::WorldDiffers);
  CHECK(read_process("/proc", old.pid())->state != 'Z');
  CHECK(read_process("/proc", young.pid())->state != 'Z');
}

TEST_CASE("process_restart refuses to end the new owner of a reused pid") {
  Lab lab;
  OwnChild old({lab.program(), "300"});
  REQUIRE(old.running);
  auto plan = lab.plan();
  REQUIRE(plan.has_value());
  auto seen = nlohmann::json::parse(plan->steps[0].seen);
  seen["processes"][0]["start"] = old.identity().start_ticks - 1;
  plan->steps[0].seen = seen.dump();
  CHECK(lab.apply(*plan, 0).outcome == Applied::WorldDiffers);
  CHECK(read_process("/proc", old.pid())->state != 'Z');
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::Applied);
}

TEST_CASE("process_restart clears declared folders between stop and start") {
  Lab lab;
  lab.tree.write("cache/a", "x");
  lab.tree.write("cache/deep/er/b", "x");
  lab.clear = {(lab.tree.root / "cache").string(), (lab.tree.root / "absent").string()};
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.size() == 2);
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::NotApplied);
  const auto cleared = lab.apply(*plan, 0);
  CHECK(cleared.outcome == Applied::Done);
  CHECK(cleared.evidence == "removed 4 entries");
  CHECK(lab.confirm(*plan, 0).answer == Confirmed::Applied);
  CHECK(std::filesystem::is_empty(lab.tree.root / "cache"));
}

TEST_CASE("process_restart changes nothing once it was cancelled") {
  Lab lab;
  OwnChild old({lab.program(), "300"});
  REQUIRE(old.running);
  lab.tree.write("cache/a", "x");
  lab.clear = {(lab.tree.root / "cache").string()};
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  REQUIRE(plan->steps.size() == 3);
  const auto is_refused = [&](std::size_t step) {
    const auto answer = lab.apply(*plan, step);
    return answer.outcome == Applied::Refused &&
           answer.evidence == "cancelled before anything was changed";
  };
  lab.stop.request_stop();
  CHECK(is_refused(0));
  CHECK(read_process("/proc", old.pid())->state != 'Z');
  CHECK(is_refused(1));
  CHECK(std::filesystem::exists(lab.tree.root / "cache/a"));
  kill(old.pid(), SIGKILL);
  CHECK(old.reap() == SIGKILL);
  CHECK(is_refused(2));
  CHECK(lab.living().empty());
}

TEST_CASE("process_restart names the unit and every folder it may clear") {
  Lab lab;
  lab.collector.unit = "orders.service";
  lab.systemd.state.id = "orders-2.service";  // behind an alias
  lab.systemd.state.active_state = "inactive";
  lab.clear = {"/var/cache//fieldmedic-orders/"};
  lab.host.rootfs = lab.tree.root;
  const auto without = lab.plan();
  REQUIRE(without.has_value());
  const std::string folder = "host/lab/path/var/cache/fieldmedic-orders";
  CHECK(without->resources == std::vector<std::string>{"host/lab/process/orders",
                                                       "host/lab/unit/orders.service", folder});
  std::filesystem::create_directories(lab.tree.root / "run/systemd/system");
  const auto with = lab.plan();
  REQUIRE(with.has_value());
  CHECK(with->resources == std::vector<std::string>{"host/lab/process/orders",
                                                    "host/lab/unit/orders-2.service", folder});
}

TEST_CASE("process_restart leaves a folder alone that was put in place of the one seen") {
  Lab lab;
  lab.tree.write("cache/a", "x");
  lab.tree.write("precious/b", "x");
  lab.clear = {(lab.tree.root / "cache").string()};
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  std::filesystem::rename(lab.tree.root / "cache", lab.tree.root / "old");
  SECTION("another folder") {
    std::filesystem::rename(lab.tree.root / "precious", lab.tree.root / "cache");
    CHECK(lab.apply(*plan, 0).outcome == Applied::WorldDiffers);
    CHECK(std::filesystem::exists(lab.tree.root / "cache/b"));
  }
  SECTION("a link") {
    std::filesystem::create_symlink(lab.tree.root / "precious", lab.tree.root / "cache");
    CHECK(lab.apply(*plan, 0).outcome == Applied::WorldDiffers);
    CHECK(std::filesystem::exists(lab.tree.root / "precious/b"));
  }
}

TEST_CASE("process_restart ends the children that a collector left in its session") {
  Lab lab;
  REQUIRE(mkfifo((lab.tree.root / "fifo").c_str(), 0600) == 0);
  // The first shell leads the session; it alone matches the pid file.
  std::filesystem::copy_file("/bin/bash", lab.tree.root / "shell");
  lab.collector.process = {(lab.tree.root / "orders.pid").string(),
                           (lab.tree.root / "shell").string(), ""};
  OwnChild leader({(lab.tree.root / "shell").string(), "-c",
                   (lab.tree.root / "shell").string() + " -c 'read x < " +
                       (lab.tree.root / "fifo").string() + "' & wait; :"});
  lab.tree.write("orders.pid", std::to_string(leader.pid()));
  const auto shells = [&] {
    return ProcessMatcher::compile({"", (lab.tree.root / "shell").string(), ""})
        ->find("/proc")
        .value();
  };
  REQUIRE(eventually([&] { return shells().size() == 2; }));
  const auto plan = lab.plan();
  REQUIRE(plan.has_value());
  CHECK(nlohmann::json::parse(plan->steps[0].seen)["processes"].size() == 2);
  CHECK(lab.apply(*plan, 0).outcome == Applied::Done);
  CHECK(shells().empty());
}

TEST_CASE("process_restart refuses ourselves and what started us") {
  Lab lab;
  // By its pid too: other tests run the same program beside this one.
  lab.collector.process = {lab.tree.write("own.pid", std::to_string(getpid())).string(),
                           std::filesystem::read_symlink("/proc/self/exe").string(), ""};
  const auto own = lab.plan();
  REQUIRE_FALSE(own.has_value());
  CHECK(own.error().code == Errc::Conflict);
  CHECK(own.error().message.find("the remediator itself") != std::string::npos);
}

}  // namespace fieldmedic
