// Where a process stands in the tree of control groups, and which unit or container that is.
// Everybody may read /proc/PID/cgroup, so no bus and no engine's socket is asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace fieldmedic {

// /proc/PID/cgroup, one line a hierarchy: "ID:CONTROLLERS:PATH" (cgroups(7)). Views into the text.
struct CgroupPaths {
  std::vector<std::string_view> all;  // without " (deleted)"
  // In the hierarchy that systemd keeps: name=systemd (cgroup v1 and hybrid), else that of cgroup
  // v2. Empty when there is neither.
  std::string_view managed;
};

// Errc::Malformed for a line of another shape; more than 64 lines are no such file.
[[nodiscard]] Result<CgroupPaths> parse_cgroup(std::string_view text);

// The control group below which the service manager keeps its units, from /proc/1/cgroup: "" on a
// host, more inside a container. Empty for a text that says nothing.
[[nodiscard]] std::string units_root(std::string_view cgroup_of_pid_1);

// Whether the control group is that of `unit` or below it. Only slices and user managers may stand
// above a unit: a unit of the same name inside a container is another one.
[[nodiscard]] bool in_unit(std::string_view path, std::string_view root, std::string_view unit);

// Whether the control group is that of the container or below it. `container` is the id as a name
// of its own (containerd), or 12 or more of the 64 hex digits, which Docker, Podman, CRI-O and
// containerd write as "ID", "docker-ID.scope", "libpod-ID.scope" and so on; not "…-conmon-ID".
[[nodiscard]] bool in_container(std::string_view path, std::string_view container);

}  // namespace fieldmedic
