// What is mounted where, as /proc/PID/mountinfo tells it (proc(5)). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

struct MountEntry {
  int id = 0;
  int parent = 0;
  std::string point;                   // decoded
  std::string type;                    // "ext4", "nfs4"
  std::string source;                  // "/dev/sdb1", "10.0.0.1:/srv"
  bool read_only = false;              // this mount
  bool file_system_read_only = false;  // what is mounted, for all its mounts

  friend bool operator==(const MountEntry&, const MountEntry&) = default;
};

// Errc::Malformed: a line that is none, or is cut off.
[[nodiscard]] Result<std::vector<MountEntry>> parse_mountinfo(std::string_view text);

// The file system that a walk to `point` ends on, when it is mounted right there: not one that lies
// hidden below another. `point` is a clean path.
[[nodiscard]] std::optional<MountEntry> mount_at(const std::vector<MountEntry>& mounts,
                                                 std::string_view point);

}  // namespace fieldmedic
