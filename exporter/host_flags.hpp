// node_exporter's flags that change what the host modules show. Each wins over exporter.yml.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "exporter/config.hpp"

namespace fieldmedic {

struct HostFlags {
  std::optional<std::string> mount_points_exclude;
  std::optional<std::string> mount_points_include;
  std::optional<std::string> fs_types_exclude;
  std::optional<std::string> fs_types_include;
  std::optional<std::string> disks_exclude;
  std::optional<std::string> disks_include;
  std::optional<std::string> net_devices_exclude;
  std::optional<std::string> net_devices_include;
  std::optional<std::string> netstat_fields;
  std::optional<std::string> vmstat_fields;
  std::optional<std::string> textfile_directory;

  bool disable_defaults = false;  // no host module but those of `enable`
  std::vector<std::string> enable;
  std::vector<std::string> disable;
};

struct HostFlag {
  std::string_view name;  // "--collector.vmstat.fields"
  std::string_view help;
  std::optional<std::string> HostFlags::* value;
  enum class Kind { Regexp, Path } kind = Kind::Regexp;
};
[[nodiscard]] std::span<const HostFlag> host_flags();

// Errc::Invalid, one fault a line: a pattern that RE2 refuses, an include together with its
// exclude.
[[nodiscard]] Status check(const HostFlags& flags);

// Puts the flags over what the file says.
void apply(const HostFlags& flags, ExporterConfig& config);

}  // namespace fieldmedic
