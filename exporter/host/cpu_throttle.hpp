// How often cores and packages were throttled, from sysfs (thermal_throttle, Intel only):
// node_cpu_core_throttles_total and node_cpu_package_throttles_total.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/kept_file.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// Finds the counters when constructed (one a core, one a package); CPUs that come later are seen
// after the next reload. Not thread-safe.
class CpuThrottle {
 public:
  explicit CpuThrottle(const std::filesystem::path& sysfs);
  // Appends the families that this machine has; a counter that cannot be read is left out.
  void add_families(Families& families);

 private:
  struct Counter {
    std::string package;
    std::string core;  // empty for a package's counter
    KeptFile file;
  };

  std::vector<Counter> cores_;
  std::vector<Counter> packages_;
};

}  // namespace fieldmedic
