// Who keeps a process running, if not us (safety.md S13), and which processes are never ours to end
// (S12). Sources: cgroups(7), systemd.special(7), the cgroup paths of Docker, containerd, CRI-O,
// Podman, LXC and the kubelet.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/process_table.hpp"
#include "common/result.hpp"

namespace fieldmedic {

enum class SupervisorKind { SystemdUnit, Container, SessionSupervisor };

struct Supervisor {
  SupervisorKind kind = SupervisorKind::SystemdUnit;
  std::string name;  // "orders.service", "docker-3f2a….scope", "runsv"

  friend bool operator==(const Supervisor&, const Supervisor&) = default;
};

// "systemd unit orders.service owns it: systemd_restart fits".
[[nodiscard]] std::string explain(const Supervisor& supervisor);

// From the content of /proc/PID/cgroup, `own` being that of /proc/self/cgroup. Pure. A path counts
//  - as a container's when a component is named as an engine names it ("docker-ID.scope",
//    "docker/ID", "kubepods.slice", "libpod-ID.scope" …);
//  - as a unit's when its last .service component is not user@UID.service. Slices and scopes own
//    nothing: session-3.scope is a login, init.scope is systemd itself.
// A path that is our own as well says nothing: what we start ourselves lives in our own unit, and a
// remediator inside a container restarts what is beside it there.
[[nodiscard]] std::optional<Supervisor> supervisor_in_cgroup(std::string_view cgroup,
                                                             std::string_view own);

// By the names that a parent goes by (comm, program, first arguments): runit, daemontools, s6,
// supervisord, monit and their like start again what ends.
[[nodiscard]] std::optional<Supervisor> session_supervisor(const std::vector<std::string>& names);

// All of it for one process. Errc::NotFound: it is gone. Errc::Io, Denied: it cannot be told.
[[nodiscard]] Result<std::optional<Supervisor>> find_supervisor(const std::filesystem::path& procfs,
                                                                const ProcessInfo& process);

// Our own unit, when we run as one.
[[nodiscard]] std::optional<std::string> own_unit(const std::filesystem::path& procfs);

// Why a process must never be ended by us: it is pid 1, ourselves, or one that we descend from.
[[nodiscard]] std::optional<std::string> untouchable(const std::filesystem::path& procfs,
                                                     pid_t pid);

}  // namespace fieldmedic
