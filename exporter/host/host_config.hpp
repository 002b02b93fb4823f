// What exporter.yml says about the host modules, with node_exporter's defaults.
#pragma once

#include <string>

namespace fieldmedic {

struct FilesystemConfig {
  std::string mount_points_exclude =
      R"(^/(dev|proc|run|sys|mnt|media|var/lib/docker/.+|var/lib/containers/storage/.+)($|/))";
  std::string fs_types_exclude =
      "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|"
      "iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|"
      "sysfs|tracefs)$";
};

struct DiskstatsConfig {
  std::string devices_exclude = R"(^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$)";
};

struct HostConfig {
  FilesystemConfig filesystem;
  DiskstatsConfig diskstats;
};

}  // namespace fieldmedic
