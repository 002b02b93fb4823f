#include "exporter/collector/cgroup_path.hpp"

#include <algorithm>

#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kMostHierarchies = 64;
constexpr std::size_t kIdLength = 64;
constexpr std::size_t kLeastOfId = 12;  // what `docker ps` shows

// The next name between slashes, taken off `path`; empty at its end.
std::string_view take_component(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const auto name = path.substr(0, path.find('/'));
  path.remove_prefix(name.size());
  return name;
}

bool may_hold_units(std::string_view group) {
  return group.ends_with(".slice") || (group.starts_with("user@") && group.ends_with(".service")) ||
         group == "..";  // above a control group namespace: not shown
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::string_view container_id(std::string_view group) {
  constexpr std::string_view kScope = ".scope";
  auto id = group;
  if (id.ends_with(kScope)) id.remove_suffix(kScope.size());
  const auto dash = id.rfind('-');
  if (dash == id.npos || id.size() - dash - 1 != kIdLength) return id;
  if (id.substr(0, dash).ends_with("conmon")) return {};  // watches the container from outside
  return id.substr(dash + 1);
}

}  // namespace

Result<CgroupPaths> parse_cgroup(std::string_view text) {
  CgroupPaths paths;
  std::string_view unified;
  const auto whole = text;
  while (!text.empty()) {
    const auto line = take_line(text);
    const auto first = line.find(':');
    const auto second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos || second + 1 == line.size() || line[second + 1] != '/' ||
        paths.all.size() == kMostHierarchies) {
      return malformed("cgroup", "ID:CONTROLLERS:/PATH", line);
    }
    const auto controllers = line.substr(first + 1, second - first - 1);
    auto path = line.substr(second + 1);
    constexpr std::string_view kDeleted = " (deleted)";  // of a zombie
    if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
    if (controllers == "name=systemd") paths.managed = path;
    if (controllers.empty()) unified = path;
    paths.all.push_back(path);
  }
  if (paths.all.empty()) return malformed("cgroup", "ID:CONTROLLERS:/PATH", whole);
  if (paths.managed.empty()) paths.managed = unified;
  return paths;
}

std::string units_root(std::string_view cgroup_of_pid_1) {
  const auto paths = parse_cgroup(cgroup_of_pid_1);
  if (!paths) return {};
  constexpr std::string_view kOwn = "/init.scope";
  auto root = paths->managed;
  if (!root.ends_with(kOwn)) return {};  // not systemd: whoever it is keeps no units below itself
  root.remove_suffix(kOwn.size());
  return std::string(root);
}

bool in_unit(std::string_view path, std::string_view root, std::string_view unit) {
  if (!path.starts_with(root)) return false;
  path.remove_prefix(root.size());
  if (!root.empty() && !path.starts_with('/')) return false;
  for (auto group = take_component(path); !group.empty(); group = take_component(path)) {
    // systemd escapes names that the kernel uses itself with one underscore in front.
    if (group == unit || (group.starts_with('_') && group.substr(1) == unit)) return true;
    if (!may_hold_units(group)) return false;
  }
  return false;
}

bool in_container(std::string_view path, std::string_view container) {
  const bool digits = container.size() >= kLeastOfId && is_hex(container);
  for (auto group = take_component(path); !group.empty(); group = take_component(path)) {
    const auto id = container_id(group);
    if (id == container) return true;
    if (digits && id.size() == kIdLength && id.starts_with(container) && is_hex(id)) return true;
  }
  return false;
}

}  // namespace fieldmedic
