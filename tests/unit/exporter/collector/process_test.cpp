#include "exporter/collector/process.hpp"

#include <unistd.h>

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/samples.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {
namespace {

using std::chrono::seconds;

// A /proc of its own; 100 clock ticks a second, as sysconf says everywhere.
struct FakeHost {
  TempTree tree{{{"proc/stat", "cpu 1 2 3\nintr 1\nctxt 2\nbtime 1700000000\nprocesses 5\n"}}};
  ManualClock clock;

  FakeHost() { add(1, "/sbin/init", 0); }
  void add(int pid, const std::string& executable, int start_ticks, int cpu_ticks = 300) const {
    const std::string folder = "proc/" + std::to_string(pid) + "/";
    tree.write(folder + "stat", std::to_string(pid) + " (x) S 1 1 1 0 -1 4194304 0 0 0 0 " +
                                    std::to_string(cpu_ticks) + " 50 0 0 20 0 3 0 " +
                                    std::to_string(start_ticks) + " 1000000 512 0\n");
    tree.write(folder + "cmdline", executable + '\0');
    tree.write(folder + "limits",
               "Limit                     Soft Limit           Hard Limit           Units\n"
               "Max processes             77                   77                   processes\n"
               "Max open files            1024                 4096                 files\n");
    for (const char* fd : {"fd/0", "fd/1", "fd/2"}) tree.write(folder + fd, "");
    std::filesystem::remove(tree.root / folder / "exe");
    std::filesystem::create_symlink(executable, tree.root / (folder + "exe"));
  }
  void remove(int pid) const {
    std::filesystem::remove_all(tree.root / "proc" / std::to_string(pid));
  }
  [[nodiscard]] ProcessModule module(std::vector<CollectorConfig> collectors) const {
    return {collectors, {.procfs = tree.root / "proc", .sysfs = {}, .rootfs = {}}, clock};
  }
};

CollectorConfig collector(std::string name, ProcessPattern process) {
  return {.name = std::move(name),
          .process = std::move(process),
          .ports = {},
          .success = {},
          .log = {}};
}

TEST_CASE("process module: one living process gives every sample") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 12345);
  auto module = host.module({collector("orders", {.executable = "/usr/bin/orders"})});
  const auto families = module.collect({});
  REQUIRE(families);
  CHECK(sample(families, "collector_up", "orders") == 1);
  CHECK(sample(families, "collector_process_count", "orders") == 1);
  CHECK(sample(families, "collector_process_cpu_seconds_total", "orders") == 3.5);
  CHECK(sample(families, "collector_process_resident_memory_bytes", "orders") ==
        512.0 * static_cast<double>(sysconf(_SC_PAGESIZE)));
  CHECK(sample(families, "collector_process_max_fds", "orders") == 1024);
  CHECK(sample(families, "collector_process_threads", "orders") == 3);
  CHECK(sample(families, "collector_process_start_time_seconds", "orders") == 1700000123.45);
  CHECK(sample(families, "collector_process_starts_total", "orders") == 0);
  CHECK(sample(families, "collector_process_open_fds", "orders"));
}

TEST_CASE("process module: none is down with counters and without gauges") {
  const FakeHost host;
  auto module = host.module({collector("orders", {.executable = "/usr/bin/orders"})});
  const auto families = module.collect({});
  CHECK(sample(families, "collector_up", "orders") == 0);
  CHECK(sample(families, "collector_process_count", "orders") == 0);
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
  auto module = host.module({collector("orders", {.executable = "/usr/bin/orders"})});
  const auto families = module.collect({});
  CHECK(sample(families, "collector_process_count", "orders") == 2);
  CHECK(sample(families, "collector_process_cpu_seconds_total", "orders") == 7);
  CHECK(sample(families, "collector_process_threads", "orders") == 6);
  CHECK(sample(families, "collector_process_max_fds", "orders") == 2048);
  CHECK(sample(families, "collector_process_start_time_seconds", "orders") == 1700000010);
}

TEST_CASE("process module: starts are counted by identity and CPU time never falls") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  auto module = host.module({collector("orders", {.executable = "/usr/bin/orders"})});
  const auto look = [&] { return module.collect({}); };
  CHECK(sample(look(), "collector_process_starts_total", "orders") == 0);

  host.remove(10);
  const auto down = look();
  CHECK(sample(down, "collector_up", "orders") == 0);
  CHECK(sample(down, "collector_process_cpu_seconds_total", "orders") == 3.5);

  host.add(11, "/usr/bin/orders", 5000, 100);
  const auto back = look();
  CHECK(sample(back, "collector_up", "orders") == 1);
  CHECK(sample(back, "collector_process_starts_total", "orders") == 1);
  CHECK(sample(back, "collector_process_cpu_seconds_total", "orders") == 5);

  host.add(11, "/usr/bin/orders", 6000, 0);  // the pid, used again between two scrapes
  const auto reused = look();
  CHECK(sample(reused, "collector_process_starts_total", "orders") == 2);
  CHECK(sample(reused, "collector_process_cpu_seconds_total", "orders") == 5.5);
}

TEST_CASE("process module: a child that has not called exec yet is looked at again") {
  FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  auto module = host.module({collector("orders", {.executable = "/usr/bin/orders"})});
  const auto count = [&] {
    return sample(module.collect({}), "collector_process_count", "orders");
  };
  CHECK(count() == 1);
  host.add(11, "/bin/sh", 2000);
  CHECK(count() == 1);
  host.add(11, "/usr/bin/orders", 2000);
  CHECK(count() == 2);

  host.add(12, "/bin/sh", 3000);
  CHECK(count() == 2);
  CHECK(count() == 2);
  host.add(12, "/usr/bin/orders", 3000);  // settled by now: seen when everything is looked at
  CHECK(count() == 2);
  host.clock.advance(seconds(60));
  CHECK(count() == 3);
}

TEST_CASE("process module: a process that turns into something else is not counted on") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  auto module = host.module({collector("orders", {.executable = "/usr/bin/orders"})});
  CHECK(sample(module.collect({}), "collector_up", "orders") == 1);
  host.add(10, "/bin/sh", 1000);
  CHECK(sample(module.collect({}), "collector_up", "orders") == 0);
}

TEST_CASE("process module: a collector that is down may come back in any process") {
  const FakeHost host;
  host.add(10, "/bin/sh", 1000);
  auto module = host.module({collector("orders", {.executable = "/usr/bin/orders"})});
  for (int i = 0; i < 4; ++i) CHECK(sample(module.collect({}), "collector_up", "orders") == 0);
  host.add(10, "/usr/bin/orders", 1000);
  CHECK(sample(module.collect({}), "collector_up", "orders") == 1);
}

TEST_CASE("process module: a pid file is followed") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  host.add(11, "/usr/bin/orders", 2000);
  const auto file = host.tree.write("orders.pid", "10\n").native();
  auto module = host.module({collector("orders", {.pid_file = file})});
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
      collector("orders", {.executable = "/usr/bin/orders"}),
      collector("down", {.executable = "/usr/bin/down"}),
      collector("unreadable", {.pid_file = host.tree.root}),  // a folder
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
  auto nothing = host.module({collector("unreadable", {.pid_file = host.tree.root})});
  REQUIRE_FALSE(nothing.collect({}));
  CHECK(nothing.collect({}).error().message.starts_with("unreadable: "));

  host.add(10, "/usr/bin/orders", 1000);
  std::filesystem::remove_all(host.tree.root / "proc/10/fd");
  std::filesystem::remove(host.tree.root / "proc/10/limits");
  host.tree.write("proc/stat", "cpu 1 2 3\n");
  auto module = host.module({collector("orders", {.executable = "/usr/bin/orders"})});
  const auto families = module.collect({});
  CHECK(sample(families, "collector_up", "orders") == 1);
  CHECK_FALSE(sample(families, "collector_process_open_fds", "orders"));
  CHECK_FALSE(sample(families, "collector_process_max_fds", "orders"));
  CHECK_FALSE(sample(families, "collector_process_start_time_seconds", "orders"));

  std::filesystem::remove_all(host.tree.root / "proc");
  CHECK_FALSE(module.collect({}));
}

}  // namespace
}  // namespace fieldmedic
