// Where the host's /proc, /sys and / are found: arguments, so that tests bring their own host.
#pragma once

#include <filesystem>

namespace fieldmedic {

struct HostRoot {
  std::filesystem::path procfs = "/proc";
  std::filesystem::path sysfs = "/sys";
  std::filesystem::path rootfs = "/";
};

}  // namespace fieldmedic
