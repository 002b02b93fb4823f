// Puts another version in the place of a file in one move, and keeps the one that was there.
#pragma once

#include <string>

#include "common/result.hpp"

namespace fieldmedic {

inline constexpr std::size_t kLargestReplaced = 4 * 1024 * 1024;  // bytes

struct FileVersion {
  std::string sha256;  // 64 hexadecimal digits
  std::string content;
};

// A regular file, no component of whose path is a link. Errc::NotFound: there is none.
// Errc::Conflict: it is something else. Errc::TooLarge, Denied, Io.
[[nodiscard]] Result<FileVersion> read_version(const std::string& path);

struct Replacement {
  std::string path;
  std::string seen;     // the digest of what is there; empty: nothing is
  std::string keep;     // the name beside it under which that stays
  FileVersion version;  // what comes there, with owner and mode of what was there, or root's 0644
};

// It is there and on disk, and what was there is kept; or nothing was changed: Errc::Conflict when
// the file was not `seen` any more, Denied, NotFound. Errc::Io: only the writing to disk may be
// missing. A name ".NAME.fieldmedic" beside it is ours.
[[nodiscard]] Status replace_file(const Replacement& replacement);

}  // namespace fieldmedic
