#include "exporter/collector/process.hpp"

#include <unistd.h>

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/fakes/process_host.hpp"

namespace fieldmedic {
namespace {

using FakeHost = ProcessHost;

TEST_CASE("process module: one living process gives every sample") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 12345);
  auto module = host.module({collector("orders", orders())});
  const auto families = module.collect({});
  REQUIRE(families);
  CHECK(sample(families, "collector_up", "orders") == 1);
  CHECK(sample(families, "collector_processes", "orders") == 1);
  CHECK(sample(families, "collector_process_cpu_seconds_total", "orders", "user") == 3);
  CHECK(sample(families, "collector_process_cpu_seconds_total", "orders", "system") == 0.5);
  CHECK(sample(families, "collector_process_states", "orders", "sleeping") == 1);
  CHECK(sample(families, "collector_process_states", "orders", "zombie") == 0);
  CHECK(sample(families, "collector_residual_processes", "orders") == 0);
  CHECK(sample(families, "collector_process_restarts_total", "orders") == 0);
  CHECK(sample(families, "collector_process_open_fds", "orders") == 3);
  CHECK(sample(families, "collector_process_worst_fd_ratio", "orders") == 3.0 / 1024);
  CHECK(sample(families, "collector_process_resident_memory_bytes", "orders") ==
        512.0 * static_cast<double>(sysconf(_SC_PAGESIZE)));
  CHECK(sample(families, "collector_process_max_fds", "orders") == 1024);
  CHECK(sample(families, "collector_process_threads", "orders") == 3);
  CHECK(sample(families, "collector_process_start_time_seconds", "orders") == 1700000123.45);
  CHECK(sample(families, "collector_process_starts_total", "orders") == 0);
}

TEST_CASE("process module: none is down with counters and without gauges") {
  const FakeHost host;
  auto module = host.module({collector("orders", orders())});
  const auto families = module.collect({});
  CHECK(sample(families, "collector_up", "orders") == 0);
  CHECK(sample(families, "collector_processes", "orders") == 0);
  CHECK(sample(families, "collector_process_starts_total", "orders") == 0);
  for (const char* absent : {"resident_memory_bytes", "open_fds", "max_fds", "threads",
                             "start_time_seconds", "cpu_seconds_total"}) {
    CAPTURE(absent);
    CHECK_FALSE(sample(families, std::string("collector_process_") + absent, "orders"));
  }
}

TEST_CASE("process module: several processes are summed and the oldest tells the start") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 2000);
  host.add(11, "/usr/bin/orders", 1000);
  auto module = host.module({collector("orders", orders())});
  const auto families = module.collect({});
  CHECK(sample(families, "collector_processes", "orders") == 2);
  CHECK(cpu(families) == 7);
  CHECK(sample(families, "collector_process_threads", "orders") == 6);
  CHECK(sample(families, "collector_process_max_fds", "orders") == 2048);
  CHECK(sample(families, "collector_process_start_time_seconds", "orders") == 1700000010);
}

TEST_CASE("process module: starts are counted by identity and CPU time never falls") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  auto module = host.module({collector("orders", orders())});
  const auto look = [&] { return module.collect({}); };
  CHECK(sample(look(), "collector_process_starts_total", "orders") == 0);

  host.remove(10);
  const auto down = look();
  CHECK(sample(down, "collector_up", "orders") == 0);
  CHECK(cpu(down) == 3.5);

  host.add(11, "/usr/bin/orders", 5000, 100);
  const auto back = look();
  CHECK(sample(back, "collector_up", "orders") == 1);
  CHECK(sample(back, "collector_process_starts_total", "orders") == 1);
  CHECK(cpu(back) == 5);

  host.add(11, "/usr/bin/orders", 6000, 0);  // the pid, used again between two scrapes
  const auto reused = look();
  CHECK(sample(reused, "collector_process_starts_total", "orders") == 2);
  CHECK(cpu(reused) == 5.5);
}

TEST_CASE("process module: a child that calls exec later is found") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  auto module = host.module({collector("orders", orders())});
  CHECK(sample(module.collect({}), "collector_processes", "orders") == 1);
  host.add(11, "/bin/sh", 2000);
  CHECK(sample(module.collect({}), "collector_processes", "orders") == 1);
  host.add(11, "/usr/bin/orders", 2000);
  CHECK(sample(module.collect({}), "collector_processes", "orders") == 2);
}

TEST_CASE("process module: a process that turns into something else is not counted on") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  auto module = host.module({collector("orders", orders())});
  CHECK(sample(module.collect({}), "collector_up", "orders") == 1);
  host.add(10, "/bin/sh", 1000);
  CHECK(sample(module.collect({}), "collector_up", "orders") == 0);
  host.add(10, "/usr/bin/orders", 1000);
  CHECK(sample(module.collect({}), "collector_up", "orders") == 1);
}

TEST_CASE("process module: a collector that is down may come back in any process") {
  const FakeHost host;
  host.add(10, "/bin/sh", 1000);
  auto module = host.module({collector("orders", orders())});
  for (int i = 0; i < 4; ++i) CHECK(sample(module.collect({}), "collector_up", "orders") == 0);
  host.add(10, "/usr/bin/orders", 1000);
  CHECK(sample(module.collect({}), "collector_up", "orders") == 1);
}

TEST_CASE("process module: a pid file is followed") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  host.add(11, "/usr/bin/orders", 2000);
  const auto file = host.tree.write("orders.pid", "10\n").native();
  auto module = host.module({collector("orders", {.pattern = {.pid_file = file}})});
  const auto start = [&] {
    return sample(module.collect({}), "collector_process_start_time_seconds", "orders");
  };
  CHECK(start() == 1700000010);
  host.tree.write("orders.pid", "11\n");
  CHECK(start() == 1700000020);
  std::filesystem::remove(file);
  CHECK(sample(module.collect({}), "collector_up", "orders") == 0);
}

TEST_CASE("process module: every collector is judged by itself") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  auto module = host.module({
      collector("orders", orders()),
      collector("down", {.pattern = {.executable = "/usr/bin/down"}}),
      collector("unreadable", {.pattern = {.pid_file = host.tree.root}}),  // a folder
      collector("ports only", {}),
  });
  const auto families = module.collect({});
  CHECK(sample(families, "collector_up", "orders") == 1);
  CHECK(sample(families, "collector_up", "down") == 0);
  CHECK_FALSE(sample(families, "collector_up", "unreadable"));
  CHECK_FALSE(sample(families, "collector_up", "ports only"));
}

TEST_CASE("process module: what cannot be read is an error or absent and never down") {
  const FakeHost host;
  auto nothing = host.module({collector("unreadable", {.pattern = {.pid_file = host.tree.root}})});
  REQUIRE_FALSE(nothing.collect({}));
  CHECK(nothing.collect({}).error().message.starts_with("unreadable: "));

  host.add(10, "/usr/bin/orders", 1000);
  std::filesystem::remove_all(host.tree.root / "proc/10/fd");
  std::filesystem::remove(host.tree.root / "proc/10/limits");
  host.tree.write("proc/stat", "cpu 1 2 3\n");
  auto module = host.module({collector("orders", orders())});
  const auto families = module.collect({});
  CHECK(sample(families, "collector_up", "orders") == 1);
  CHECK_FALSE(sample(families, "collector_process_open_fds", "orders"));
  CHECK_FALSE(sample(families, "collector_process_max_fds", "orders"));
  CHECK_FALSE(sample(families, "collector_process_start_time_seconds", "orders"));

  std::filesystem::remove_all(host.tree.root / "proc");
  CHECK_FALSE(module.collect({}));
}

TEST_CASE("process module: a pid file that hangs costs its collector only") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  const auto file = host.tree.write("hung/orders.pid", "10\n").native();
  host.files->hang((host.tree.root / "hung").native());
  auto module = host.module(
      {collector("stuck", {.pattern = {.pid_file = file}}), collector("orders", orders())});
  const auto families = module.collect({});
  CHECK(sample(families, "collector_up", "orders") == 1);
  CHECK_FALSE(sample(families, "collector_up", "stuck"));
  host.files->recover((host.tree.root / "hung").native());
  CHECK(sample(module.collect({}), "collector_up", "stuck") == 1);
}

TEST_CASE("process module: a unit and a container are told by the control group") {
  const FakeHost host;
  host.tree.write("proc/1/cgroup", "0::/init.scope\n");
  const std::string id(64, 'a');
  host.add(10, "/opt/a", 1000);
  host.tree.write("proc/10/cgroup", "0::/system.slice/orders.service/worker\n");
  host.add(11, "/opt/b", 1000);
  host.tree.write("proc/11/cgroup", "4:pids:/x\n1:name=systemd:/docker/" + id + "\n0::/\n");
  auto module = host.module(
      {collector("orders", {.pattern = {}, .unit = "orders.service"}),
       collector("boxed", {.pattern = {}, .container = "aaaaaaaaaaaa"}),
       collector("both", {.pattern = {.executable = "/opt/b"}, .unit = "orders.service"})});
  const auto families = module.collect({});
  CHECK(sample(families, "collector_processes", "orders") == 1);
  CHECK(sample(families, "collector_processes", "boxed") == 1);
  CHECK(sample(families, "collector_processes", "both") == 0);
}

}  // namespace
}  // namespace fieldmedic
