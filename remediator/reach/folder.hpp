// Empties a folder without ever leaving it: every component is opened by openat(2) with O_NOFOLLOW,
// so that neither "..", a symbolic link nor a rename behind our back leads elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "remediator/reach/waiter.hpp"

namespace fieldmedic {

inline constexpr std::size_t kMostEntries = 100'000;  // of one folder, at any depth

// Which folder a path named, so that another one put in its place is noticed.
struct FolderIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  friend bool operator==(const FolderIdentity&, const FolderIdentity&) = default;
};

struct FolderSight {
  FolderIdentity identity;
  std::size_t entries = 0;  // at any depth
  std::size_t files = 0;    // regular ones of them
  std::uint64_t bytes = 0;  // in those
};

// Whether a path may be declared for emptying: absolute, no "." or "..", and neither a folder of
// the system nor a home. Pure. Errc::Invalid says why not.
[[nodiscard]] Status may_be_emptied(std::string_view path);

// Follows no link. Errors as those of look_at_folder().
[[nodiscard]] Result<FileDescriptor> open_folder(const std::string& path);

// What an absolute path names: its folder, held open, and the name in it, which need not exist.
struct FolderEntry {
  FileDescriptor folder;
  std::string name;
};

// Errors as those of open_folder(), about the folder.
[[nodiscard]] Result<FolderEntry> open_place(const std::string& path);

// Errc::NotFound: there is none. Errc::Conflict: a component is a link or no folder, or something
// is mounted inside. Errc::TooLarge: more than kMostEntries, or more than 64 deep. Errc::Denied,
// Io.
[[nodiscard]] Result<FolderSight> look_at_folder(const std::string& path);

struct Emptied {
  std::size_t removed = 0;
  Status status;  // why it stopped early; Errc::Cancelled or Timeout when `until` said so
};

// Removes what is below, not the folder itself, asking `until` before each removal.
// Errc::Conflict with nothing removed when the path does not name `expected` any more.
[[nodiscard]] Emptied empty_folder(const std::string& path, FolderIdentity expected,
                                   const Waiter& until);

}  // namespace fieldmedic
