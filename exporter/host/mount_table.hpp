// The mounts as /proc/PID/mounts lists them (fstab(5)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

struct Mount {
  std::string device;
  std::string mount_point;
  std::string fs_type;
  bool read_only = false;

  friend bool operator==(const Mount&, const Mount&) = default;
};

// In the order of the file: a later mount lies over an earlier one of the same place. Blanks and
// tabs in the mount point are decoded and no more, as node_exporter does. Errc::Malformed.
[[nodiscard]] Result<std::vector<Mount>> parse_mounts(std::string_view text);

}  // namespace fieldmedic
