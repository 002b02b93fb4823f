// How far a log file has been read: what survives a restart. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/collector/log_files.hpp"

namespace fieldmedic {

// What stood right before an offset. It tells a file that was truncated and written anew, an inode
// that serves another file, and a copy of the file that we read.
struct Mark {
  static constexpr std::size_t kMost = 256;

  std::uint32_t length = 0;  // bytes before the offset
  std::uint64_t hash = 0;    // of them, FNV-1a

  // Of the last bytes of `before`, at most kMost.
  [[nodiscard]] static Mark of(std::string_view before);
  friend bool operator==(const Mark&, const Mark&) = default;
};

struct TailPosition {
  std::string path;           // what is followed, whatever the open file is called now
  FileId file;                // that was read last
  std::uint64_t offset = 0;   // behind the last line that was given
  Mark mark;                  // before offset
  bool skipping = false;      // up to the next newline: the rest of a line that was cut
  std::uint32_t context = 0;  // what the reader of the lines keeps from one to the next

  friend bool operator==(const TailPosition&, const TailPosition&) = default;
};

inline Mark Mark::of(std::string_view before) {
  if (before.empty()) return {};  // the mark of a file that is read from its beginning
  if (before.size() > kMost) before.remove_prefix(before.size() - kMost);
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : before) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return {static_cast<std::uint32_t>(before.size()), hash};
}

}  // namespace fieldmedic
