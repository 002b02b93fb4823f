// The process module where several processes belong together: main ones, workers, residue, zombies.
#include <filesystem>

#include "exporter/collector/process.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/process_host.hpp"

namespace fieldmedic {
namespace {

using FakeHost = ProcessHost;

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
