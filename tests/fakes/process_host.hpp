// A host of files whose processes are made by hand, and the process module on it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/collector/process.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/samples.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

// A /proc of its own; 100 clock ticks a second, as sysconf says everywhere.
struct ProcessHost {
  TempTree tree{{{"proc/stat", "cpu 1 2 3\nintr 1\nctxt 2\nbtime 1700000000\nprocesses 5\n"}}};
  ManualClock clock;
  std::shared_ptr<FakeFiles> files = std::make_shared<FakeFiles>();

  ProcessHost() { add(1, "/sbin/init", 0); }
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

inline CollectorConfig collector(std::string name, ProcessConfig process) {
  return {.name = std::move(name),
          .process = std::move(process),
          .ports = {},
          .success = {},
          .log = {}};
}

inline ProcessConfig orders() {
  return {.pattern = {.executable = "/usr/bin/orders"}};
}

// Of collector_process_cpu_seconds_total, both modes.
inline std::optional<double> cpu(const Result<Families>& families) {
  const auto user = sample(families, "collector_process_cpu_seconds_total", "orders", "user");
  const auto system = sample(families, "collector_process_cpu_seconds_total", "orders", "system");
  return user && system ? std::optional(*user + *system) : std::nullopt;
}

}  // namespace fieldmedic
