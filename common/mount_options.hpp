// The options of a mount, as the kernel lists them: "rw,noatime,size=64k". Pure.
#pragma once

#include <string_view>

namespace fieldmedic {

// Whether one of them is exactly `wanted`.
[[nodiscard]] inline bool has_mount_option(std::string_view options, std::string_view wanted) {
  while (!options.empty()) {
    const auto comma = options.find(',');
    if (options.substr(0, comma) == wanted) return true;
    if (comma == std::string_view::npos) break;
    options.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace fieldmedic
