// Size, free space, inodes and read-only state of each mounted file system, as node_exporter names
// them (node_filesystem_*{device,fstype,mountpoint}). One that does not answer shows in
// node_filesystem_device_error and costs only its own samples.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/host_root.hpp"
#include "exporter/files/file_client.hpp"
#include "exporter/host/host_config.hpp"
#include "exporter/host/mount_table.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

// "/proc/1/mounts" names places as the host sees them; with rootfs=/host, "/host/data" there is
// "/data" here, and both are asked for at "/host/data".
[[nodiscard]] std::string strip_rootfs(const std::string& rootfs, const std::string& mount_point);
[[nodiscard]] std::string under_rootfs(const std::string& rootfs, const std::string& mount_point);

// The families for mounts and their answers, side by side in order.
[[nodiscard]] Families filesystem_families(const std::vector<Mount>& mounts,
                                           const FileClient::Answers& answers);

// nullptr: this host has neither /proc/1/mounts nor /proc/mounts.
[[nodiscard]] std::unique_ptr<Module> make_filesystem_module(const HostRoot& host,
                                                             const FilesystemConfig& config,
                                                             std::shared_ptr<FileClient> files);

}  // namespace fieldmedic
