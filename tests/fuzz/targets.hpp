// The fuzz targets by name. The table is written by CMake from the files that are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace fieldmedic::fuzz {

struct Target {
  std::string_view name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

[[nodiscard]] std::span<const Target> targets();

// nullptr, after a line on stderr that names those that are there.
[[nodiscard]] const Target* find_target(std::string_view name);

}  // namespace fieldmedic::fuzz
