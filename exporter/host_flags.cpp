#include "exporter/host_flags.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

#include "exporter/modules.hpp"

namespace fieldmedic {
namespace {

using Flag = std::optional<std::string> HostFlags::*;

constexpr std::array<HostFlag, 11> kFlags{{
    {"--collector.filesystem.mount-points-exclude", "Mount points to leave out (RE2).",
     &HostFlags::mount_points_exclude},
    {"--collector.filesystem.mount-points-include", "Mount points to show, instead of -exclude.",
     &HostFlags::mount_points_include},
    {"--collector.filesystem.fs-types-exclude", "File system types to leave out (RE2).",
     &HostFlags::fs_types_exclude},
    {"--collector.filesystem.fs-types-include", "File system types to show, instead of -exclude.",
     &HostFlags::fs_types_include},
    {"--collector.diskstats.device-exclude", "Disks to leave out (RE2).",
     &HostFlags::disks_exclude},
    {"--collector.diskstats.device-include", "Disks to show, instead of -exclude.",
     &HostFlags::disks_include},
    {"--collector.netdev.device-exclude", "Network devices to leave out (RE2).",
     &HostFlags::net_devices_exclude},
    {"--collector.netdev.device-include", "Network devices to show, instead of -exclude.",
     &HostFlags::net_devices_include},
    {"--collector.netstat.fields", "Fields of netstat, snmp and snmp6 to show (RE2).",
     &HostFlags::netstat_fields},
    {"--collector.vmstat.fields", "Fields of vmstat to show (RE2).", &HostFlags::vmstat_fields},
    {"--collector.textfile.directory", "Directory of *.prom files to publish.",
     &HostFlags::textfile_directory, HostFlag::Kind::Path},
}};

struct Pair {
  Flag exclude;
  Flag include;
  NameSelection& (*target)(HostConfig&);
};

constexpr std::array<Pair, 4> kPairs{{
    {&HostFlags::mount_points_exclude, &HostFlags::mount_points_include,
     [](HostConfig& host) -> NameSelection& { return host.filesystem.mount_points; }},
    {&HostFlags::fs_types_exclude, &HostFlags::fs_types_include,
     [](HostConfig& host) -> NameSelection& { return host.filesystem.fs_types; }},
    {&HostFlags::disks_exclude, &HostFlags::disks_include,
     [](HostConfig& host) -> NameSelection& { return host.diskstats.devices; }},
    {&HostFlags::net_devices_exclude, &HostFlags::net_devices_include,
     [](HostConfig& host) -> NameSelection& { return host.netdev.devices; }},
}};

std::string_view name_of(Flag value) {
  return std::ranges::find(kFlags, value, &HostFlag::value)->name;
}

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// The file's choice first, then --collector.disable-defaults, then each module's own flag.
void choose_modules(const HostFlags& flags, std::vector<std::string>& disabled) {
  for (const auto name : host_module_names()) {
    if (flags.disable_defaults || holds(flags.disable, name)) disabled.emplace_back(name);
  }
  std::erase_if(disabled, [&](const std::string& name) { return holds(flags.enable, name); });
}

}  // namespace

std::span<const HostFlag> host_flags() {
  return kFlags;
}

Status check(const HostFlags& flags) {
  std::string faults;
  const auto add = [&](const std::string& fault) {
    faults += (faults.empty() ? "" : "\n") + fault;
  };
  for (const auto& flag : kFlags) {
    const auto& value = flags.*flag.value;
    if (!value) continue;
    if (flag.kind == HostFlag::Kind::Path) {
      if (!value->starts_with('/')) add(fmt::format("{}: wants an absolute path", flag.name));
      continue;
    }
    const RE2 pattern(*value, RE2::Quiet);
    if (!pattern.ok()) add(fmt::format("{}: {}", flag.name, pattern.error()));
  }
  for (const auto& pair : kPairs) {
    const auto& exclude = flags.*pair.exclude;
    if (flags.*pair.include && exclude && !exclude->empty()) {
      add(fmt::format("{} and {} cannot be used together", name_of(pair.exclude),
                      name_of(pair.include)));
    }
  }
  if (!faults.empty()) return fail(Errc::Invalid, std::move(faults));
  return {};
}

void apply(const HostFlags& flags, ExporterConfig& config) {
  for (const auto& pair : kPairs) {
    auto& target = pair.target(config.host);
    if (flags.*pair.include) target = {.exclude = "", .include = *(flags.*pair.include)};
    if (flags.*pair.exclude) target.exclude = *(flags.*pair.exclude);
  }
  if (flags.netstat_fields) config.host.netstat.fields = *flags.netstat_fields;
  if (flags.vmstat_fields) config.host.vmstat.fields = *flags.vmstat_fields;
  if (flags.textfile_directory) config.host.textfile.directory = *flags.textfile_directory;
  choose_modules(flags, config.disabled_modules);
}

}  // namespace fieldmedic
