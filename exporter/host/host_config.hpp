// What exporter.yml says about the host modules, with node_exporter's defaults.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/yaml_reader.hpp"

namespace fieldmedic {

// Names that are shown: those that match `include` (empty: all) and do not match `exclude` (empty:
// none). Regular expressions (RE2), found anywhere in the name.
struct NameSelection {
  std::string exclude;
  std::string include;

  friend bool operator==(const NameSelection&, const NameSelection&) = default;
};

struct FilesystemConfig {
  NameSelection mount_points{
      .exclude =
          R"(^/(dev|proc|run|sys|mnt|media|var/lib/docker/.+|var/lib/containers/storage/.+)($|/))",
      .include = ""};
  NameSelection fs_types{
      .exclude =
          "^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|"
          "iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|"
          "squashfs|sysfs|tracefs)$",
      .include = ""};
};

struct DiskstatsConfig {
  NameSelection devices{.exclude = R"(^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$)",
                        .include = ""};
};

struct NetdevConfig {
  NameSelection devices{.exclude = "^lo$", .include = ""};
};

struct NetstatConfig {
  std::string fields =  // node_exporter's, and TCPOrigDataSent
      "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|"
      "Icmp6?_(InMsgs|OutMsgs)|"
      "TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOrigDataSent)|"
      "Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|"
      "Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$";
};

struct VmstatConfig {
  std::string fields = "^(oom_kill|pgpg|pswp|pg.*fault).*";
};

struct TextfileConfig {
  // Debian's node_exporter reads here too. Unset: this one, if the host has it.
  static constexpr const char* kDefaultDirectory = "/var/lib/prometheus/node-exporter";
  std::optional<std::filesystem::path> directory;
};

struct HostConfig {
  FilesystemConfig filesystem;
  DiskstatsConfig diskstats;
  NetdevConfig netdev;
  NetstatConfig netstat;
  VmstatConfig vmstat;
  TextfileConfig textfile;
};

// The section `host`. Faults are recorded through the mapping.
[[nodiscard]] HostConfig read_host_config(const YamlMap& map);

}  // namespace fieldmedic
