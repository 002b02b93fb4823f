#include "remediator/reach/docker_log.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace fieldmedic {
namespace {

constexpr std::size_t kHeader = 8;
constexpr unsigned char kMostUserStream = 2;  // stdin, stdout, stderr; 3 is the engine's own error
constexpr unsigned char kMostStream = 3;

}  // namespace

std::string demultiplex(std::string_view stream) {
  std::string text;
  while (stream.size() >= kHeader) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(stream[i]); };
    if (byte(0) > kMostStream || byte(1) != 0 || byte(2) != 0 || byte(3) != 0) break;
    std::size_t length = 0;
    for (std::size_t i = 4; i < kHeader; ++i) length = length << 8U | byte(i);
    const bool kept = byte(0) <= kMostUserStream;
    stream.remove_prefix(kHeader);
    length = std::min(length, stream.size());
    if (kept) text.append(stream.substr(0, length));
    stream.remove_prefix(length);
  }
  return text;
}

}  // namespace fieldmedic
