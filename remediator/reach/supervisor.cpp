#include "remediator/reach/supervisor.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <ranges>

#include <fmt/core.h>

namespace fieldmedic {

namespace {

using namespace std::string_view_literals;

constexpr std::array kContainerPrefixes{
    "docker-"sv,  "libpod-"sv,  "crio-"sv,       "cri-containerd-"sv, "containerd-"sv,
    "nerdctl-"sv, "kubepods"sv, "lxc.payload"sv, "machine-"sv,
};
// As folders of the engine, with the container's id as the next component.
constexpr std::array kContainerFolders{"docker"sv, "lxc"sv, "libpod_parent"sv, "containerd"sv};

constexpr std::array kSessionSupervisors{
    "runsv"sv,
    "supervise"sv,
    "s6-supervise"sv,
    "supervisord"sv,
    "monit"sv,
    "circusd"sv,
    "perpd"sv,
    "god"sv,
    "forever"sv,
    "pm2"sv,
    "supervise-daemon"sv,
    "dinit"sv,
    "procd"sv,
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (const auto part : std::views::split(text, separator))
    if (!part.empty()) parts.emplace_back(part.begin(), part.end());
  return parts;
}

// The third field of "9:name=systemd:/system.slice/orders.service".
std::string_view path_of(std::string_view line) {
  const auto first = line.find(':');
  const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
  return second == std::string_view::npos ? std::string_view() : line.substr(second + 1);
}

std::vector<std::string_view> paths_of(std::string_view cgroup) {
  std::vector<std::string_view> paths;
  for (const std::string_view line : split(cgroup, '\n')) paths.push_back(path_of(line));
  return paths;
}

std::optional<std::string> container_of(std::string_view path) {
  const auto components = split(path, '/');
  for (std::size_t i = 0; i < components.size(); ++i) {
    const auto starts = [&](std::string_view prefix) { return components[i].starts_with(prefix); };
    if (std::ranges::any_of(kContainerPrefixes, starts)) return std::string(components[i]);
    if (i + 1 < components.size() &&
        std::ranges::find(kContainerFolders, components[i]) != kContainerFolders.end())
      return fmt::format("{}/{}", components[i], components[i + 1]);
  }
  return std::nullopt;
}

std::optional<std::string> unit_of(std::string_view path) {
  for (const std::string_view component : split(path, '/') | std::views::reverse)
    if (component.ends_with(".service"))
      return component.starts_with("user@") ? std::nullopt : std::optional<std::string>(component);
  return std::nullopt;
}

// At most 64 KiB: a cgroup file has some ten lines.
Result<std::string> read_small(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    return fail(errno == EACCES   ? Errc::Denied
                : errno == ENOENT ? Errc::NotFound
                                  : Errc::Io,
                fmt::format("cannot read {}", file.string()));
  std::string text(64 * 1024, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad()) return fail(Errc::NotFound, fmt::format("{} ended", file.string()));
  return text;
}

std::string own_cgroup(const std::filesystem::path& procfs) {
  return read_small(procfs / "self" / "cgroup").value_or(std::string());
}

// Another pid namespace than ours: some engine's, whatever its cgroups are called.
bool in_other_namespace(const std::filesystem::path& procfs, pid_t pid) {
  std::error_code unreadable;
  const auto own = std::filesystem::read_symlink(procfs / "self/ns/pid", unreadable);
  if (unreadable) return false;
  const auto other =
      std::filesystem::read_symlink(procfs / std::to_string(pid) / "ns/pid", unreadable);
  return !unreadable && own != other;
}

std::vector<std::string> names_of(const std::filesystem::path& procfs, const ProcessInfo& process) {
  std::vector<std::string> names{std::filesystem::path(process.executable).filename().string()};
  // argv[0] as the process calls itself, argv[1] as an interpreter's script.
  for (std::size_t i = 0; i < process.argv.size() && i < 2; ++i)
    names.push_back(std::filesystem::path(process.argv[i]).filename().string());
  if (auto comm = read_small(procfs / std::to_string(process.identity.pid) / "comm"))
    names.push_back(comm->substr(0, comm->find('\n')));
  return names;
}

}  // namespace

std::string explain(const Supervisor& supervisor) {
  switch (supervisor.kind) {
    case SupervisorKind::SystemdUnit:
      return fmt::format("systemd unit {} owns it: systemd_restart fits", supervisor.name);
    case SupervisorKind::Container:
      return fmt::format("container {} owns it: container_restart fits", supervisor.name);
    case SupervisorKind::SessionSupervisor:
      return fmt::format(
          "{} starts it again when it ends: exec of that supervisor's own restart "
          "command fits",
          supervisor.name);
  }
  return {};
}

std::optional<Supervisor> supervisor_in_cgroup(std::string_view cgroup, std::string_view own) {
  const auto ours = paths_of(own);
  std::optional<Supervisor> unit;
  for (const std::string_view path : paths_of(cgroup)) {
    if (std::ranges::find(ours, path) != ours.end()) continue;
    // A container may run below an engine's unit; the container is the closer owner.
    if (auto container = container_of(path))
      return Supervisor{SupervisorKind::Container, std::move(*container)};
    if (auto name = unit_of(path)) unit = Supervisor{SupervisorKind::SystemdUnit, std::move(*name)};
  }
  return unit;
}

std::optional<Supervisor> session_supervisor(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (std::ranges::find(kSessionSupervisors, name) != kSessionSupervisors.end())
      return Supervisor{SupervisorKind::SessionSupervisor, name};
  return std::nullopt;
}

Result<std::optional<Supervisor>> find_supervisor(const std::filesystem::path& procfs,
                                                  const ProcessInfo& process) {
  const auto cgroup = read_small(procfs / std::to_string(process.identity.pid) / "cgroup");
  if (!cgroup) return fail(cgroup.error());
  if (in_other_namespace(procfs, process.identity.pid)) {
    // Its unit is the container's own; from here the container is what can be restarted.
    auto name = container_of(*cgroup);
    return Supervisor{SupervisorKind::Container, name.value_or("(another pid namespace)")};
  }
  if (auto supervisor = supervisor_in_cgroup(*cgroup, own_cgroup(procfs))) return supervisor;
  if (process.parent <= 1) return std::nullopt;
  const auto parent = read_process(procfs, process.parent);
  // A parent that ended meanwhile supervises nothing.
  if (!parent && parent.error().code == Errc::NotFound) return std::nullopt;
  if (!parent) return fail(parent.error());
  return session_supervisor(names_of(procfs, *parent));
}

std::optional<std::string> own_unit(const std::filesystem::path& procfs) {
  const std::string own = own_cgroup(procfs);
  for (const std::string_view path : paths_of(own))
    if (auto unit = unit_of(path)) return unit;
  return std::nullopt;
}

std::optional<std::string> untouchable(const std::filesystem::path& procfs, pid_t pid) {
  if (pid <= 1) return "it is pid 1";
  if (pid == getpid()) return "it is the remediator itself";
  pid_t ancestor = getpid();
  // Deeper than any real process tree, so that a broken /proc cannot hold us here.
  for (int depth = 0; depth < 256 && ancestor > 1; ++depth) {
    const auto process = read_process(procfs, ancestor);
    if (!process) break;
    ancestor = process->parent;
    if (ancestor == pid) return "the remediator was started by it";
  }
  return std::nullopt;
}

}  // namespace fieldmedic
