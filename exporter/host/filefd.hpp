// File handles of the whole machine from /proc/sys/fs/file-nr, as node_exporter names them:
// node_filefd_allocated, node_filefd_maximum.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "common/host_root.hpp"
#include "common/result.hpp"
#include "exporter/module.hpp"

namespace fieldmedic {

struct FileHandles {
  std::uint64_t allocated = 0;
  std::uint64_t maximum = 0;
};

// Three numbers, of which the second is always 0 (proc(5)).
[[nodiscard]] Result<FileHandles> parse_file_nr(std::string_view text);

// nullptr: this host has no such file.
[[nodiscard]] std::unique_ptr<Module> make_filefd_module(const HostRoot& host);

}  // namespace fieldmedic
