#include "exporter/host/mount_table.hpp"

#include "common/mount_options.hpp"
#include "common/text_scan.hpp"

namespace fieldmedic {
namespace {

std::string decode(std::string_view field) {
  std::string decoded;
  decoded.reserve(field.size());
  while (!field.empty()) {
    if (field.starts_with("\\040")) {
      decoded += ' ';
      field.remove_prefix(4);
    } else if (field.starts_with("\\011")) {
      decoded += '\t';
      field.remove_prefix(4);
    } else {
      decoded += field.front();
      field.remove_prefix(1);
    }
  }
  return decoded;
}

}  // namespace

Result<std::vector<Mount>> parse_mounts(std::string_view text) {
  if (auto whole = require_whole(text, "mounts"); !whole) return fail(std::move(whole.error()));
  std::vector<Mount> mounts;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const auto shown = line;
    Mount mount;
    mount.device = take_field(line);
    mount.mount_point = decode(take_field(line));
    mount.fs_type = take_field(line);
    const auto options = take_field(line);
    if (options.empty()) return malformed("mounts", "device, place, type and options", shown);
    mount.read_only = has_mount_option(options, "ro");
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

}  // namespace fieldmedic
