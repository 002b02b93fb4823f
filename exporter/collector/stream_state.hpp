// What a module that reads streams remembers beyond a restart of the exporter: positions, and what
// was counted up to them. Both go together, so nothing is lost and nothing counted twice.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "exporter/collector/tail_position.hpp"

namespace fieldmedic {

// Of one collector in one module.
struct StreamState {
  std::vector<std::string> patterns;                   // looked for when this was written
  std::vector<TailPosition> files;                     // at most kMostStreamFiles
  std::map<std::string, double, std::less<>> numbers;  // counters and times, by name; finite

  friend bool operator==(const StreamState&, const StreamState&) = default;
};

inline constexpr std::size_t kMostStreamFiles = 512;

// By "MODULE/COLLECTOR".
using StreamStates = std::map<std::string, StreamState, std::less<>>;

// JSON with a checksum in front of it: a file that was cut or changed is refused whole.
[[nodiscard]] std::string encode_states(const StreamStates& states);
// Errc::Malformed with what is wrong; at most 16 MiB, 4096 streams.
[[nodiscard]] Result<StreamStates> decode_states(std::string_view text);

}  // namespace fieldmedic
