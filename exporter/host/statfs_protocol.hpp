// What goes over the socket between the exporter and its statfs helper: one SEQPACKET message with
// the path out, one StatfsAnswer back, in order. Both ends are the same program file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace fieldmedic {

inline constexpr std::size_t kLongestPath = 4096;  // PATH_MAX

struct StatfsAnswer {
  std::int32_t error = 0;  // errno, or 0
  std::int32_t read_only = 0;
  std::uint64_t block_size = 0;
  std::uint64_t blocks = 0;
  std::uint64_t free_blocks = 0;
  std::uint64_t available_blocks = 0;
  std::uint64_t files = 0;
  std::uint64_t free_files = 0;
};
static_assert(std::is_trivially_copyable_v<StatfsAnswer>);

}  // namespace fieldmedic
