#include "exporter/collector/process.hpp"

#include <unistd.h>

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/fakes/fake_files.hpp"
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
  std::shared_ptr<FakeFiles> files = std::make_shared<FakeFiles>();

  FakeHost() { add(1, "/sbin/init", 0); }
  // `kin`: parent, process group, session.
  void add(int pid, const std::string& executable, int start_ticks, int cpu_ticks = 300,
           const std::string& kin = "1 1 1") const {
    const std::string folder = "proc/" + std::to_string(pid) + "/";
    tree.write(folder + "stat", std::to_string(pid) + " (x) S " + kin + " 0 -1 4194304 0 0 0 0 " +
                                    std::to_string(cpu_ticks) + " 50 0 0 20 0 3 0 " +
                                    std::to_string(start_ticks) + " 1000000 512 0\n");
    tree.write(folder + "cmdline", executable + '\0');
    tree.write(folder + "limits",
               "Limit                     Soft Limit           Hard Limit           Units\n"
               "Max processes             77                   77                   processes\n"
               "Max open files            1024                 4096                 files\n");
    for (const char* fd : {"fd/0", "fd/1", "fd/2"}) tree.write(folder + fd, "");
    tree.write(folder + "cgroup", "0::/\n");
    std::filesystem::remove(tree.root / folder / "exe");
    std::filesystem::create_symlink(executable, tree.root / (folder + "exe"));
  }
  void remove(int pid) const {
    std::filesystem::remove_all(tree.root / "proc" / std::to_string(pid));
  }
  [[nodiscard]] ProcessModule module(std::vector<CollectorConfig> collectors) const {
    return {collectors, {.procfs = tree.root / "proc", .sysfs = {}, .rootfs = {}}, clock, files};
  }
};

CollectorConfig collector(std::string name, ProcessConfig process) {
  return {.name = std::move(name),
          .process = std::move(process),
          .ports = {},
          .success = {},
          .log = {}};
}

ProcessConfig orders() {
  return {.pattern = {.executable = "/usr/bin/orders"}};
}

// Of collector_process_cpu_seconds_total, both modes.
std::optional<double> cpu(const Result<Families>& families) {
  const auto user = sample(families, "collector_process_cpu_seconds_total", "orders", "user");
  const auto system = sample(families, "collector_process_cpu_seconds_total", "orders", "system");
  return user && system ? std::optional(*user + *system) : std::nullopt;
}

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

TEST_CASE("process module: restarts are main processes that came after an earlier one") {
  const FakeHost host;
  auto module = host.module({collector("orders", orders())});
  const auto restarts = [&] {
    return sample(module.collect({}), "collector_process_restarts_total", "orders");
  };
  CHECK(restarts() == 0);
  host.add(10, "/usr/bin/orders", 1000);
  CHECK(restarts() == 0);  // the first one is a start
  host.add(11, "/usr/bin/orders", 1100, 0, "10 10 10");
  CHECK(restarts() == 0);  // a worker
  host.remove(10);
  host.remove(11);
  CHECK(restarts() == 0);
  host.add(20, "/usr/bin/orders", 2000);
  host.add(21, "/usr/bin/orders", 2001, 0, "20 20 20");
  CHECK(restarts() == 1);
}

TEST_CASE("process module: a zombie is a state and no living process") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000);
  auto module = host.module({collector("orders", orders())});
  CHECK(sample(module.collect({}), "collector_up", "orders") == 1);
  host.tree.write("proc/10/stat",
                  "10 (x) Z 1 1 1 0 -1 4194304 0 0 0 0 300 50 0 0 20 0 1 0 1000 0 0 0\n");
  std::filesystem::remove(host.tree.root / "proc/10/exe");
  const auto families = module.collect({});
  CHECK(sample(families, "collector_up", "orders") == 0);
  CHECK(sample(families, "collector_process_states", "orders", "zombie") == 1);
  CHECK(sample(families, "collector_process_starts_total", "orders") == 0);
  CHECK(cpu(families) == 3.5);
}

TEST_CASE("process module: who matches beside the pid file's process is residue") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000, 0, "1 10 10");
  host.add(11, "/usr/bin/orders", 1001, 0, "10 10 10");  // its worker
  host.add(7, "/usr/bin/orders", 500, 0, "1 7 7");
  const auto file = host.tree.write("orders.pid", "10\n").native();
  auto module = host.module(
      {collector("orders", {.pattern = {.pid_file = file, .executable = "/usr/bin/orders"}})});
  const auto families = module.collect({});
  CHECK(sample(families, "collector_processes", "orders") == 1);
  CHECK(sample(families, "collector_residual_processes", "orders") == 1);
  REQUIRE(module.remarks().size() == 1);
  CHECK(module.remarks()[0].text == "left over: pid 7 (x)");
  host.remove(7);
  CHECK(sample(module.collect({}), "collector_residual_processes", "orders") == 0);
  CHECK(module.remarks().empty());
}

TEST_CASE("process module: the process that a pid file named before is residue while it lives") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000, 0, "1 10 10");
  const auto file = host.tree.write("orders.pid", "10\n").native();
  auto module = host.module({collector("orders", {.pattern = {.pid_file = file}})});
  const auto residue = [&] {
    return sample(module.collect({}), "collector_residual_processes", "orders");
  };
  CHECK(residue() == 0);
  host.add(20, "/usr/bin/orders", 2000, 0, "1 20 20");
  host.tree.write("orders.pid", "20\n");
  CHECK(residue() == 1);
  host.remove(10);
  CHECK(residue() == 0);
}

TEST_CASE("process module: children of another program that lost their leader are residue") {
  const FakeHost host;
  host.add(10, "/usr/bin/orders", 1000, 0, "1 10 10");
  host.add(11, "/bin/gzip", 1001, 0, "10 10 10");
  host.add(12, "/bin/gzip", 1001, 0, "1 12 12");  // nobody's
  auto module = host.module({collector("orders", orders())});
  const auto residue = [&] {
    return sample(module.collect({}), "collector_residual_processes", "orders");
  };
  CHECK(residue() == 0);
  host.remove(10);
  host.add(11, "/bin/gzip", 1001, 0, "1 10 10");
  CHECK(residue() == 1);
  host.remove(11);
  CHECK(residue() == 0);
}

TEST_CASE("process module: a worker of an older instance does not tell the start time") {
  const FakeHost host;
  host.add(11, "/usr/bin/orders", 1000, 0, "1 10 10");  // its leader, 10, is gone
  host.add(20, "/usr/bin/orders", 2000, 0, "1 20 20");
  auto module = host.module({collector("orders", orders())});
  const auto families = module.collect({});
  CHECK(sample(families, "collector_processes", "orders") == 2);
  CHECK(sample(families, "collector_residual_processes", "orders") == 1);
  CHECK(sample(families, "collector_process_start_time_seconds", "orders") == 1700000020);
}

}  // namespace
}  // namespace fieldmedic
