// Files that the helper keeps open for whoever follows them: a log that is renamed, compressed and
// removed between two reads is still read to its end.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "common/file_descriptor.hpp"

namespace fieldmedic {

// Thread-safe. By device and inode; at most kMostFollowed, beyond which the file that was followed
// first is closed.
class FollowedFiles {
 public:
  static constexpr std::size_t kMostFollowed = 512;
  using Id = std::pair<std::uint64_t, std::uint64_t>;

  // Null: not followed.
  [[nodiscard]] std::shared_ptr<const FileDescriptor> find(const Id& id) const;
  void keep(const Id& id, std::shared_ptr<const FileDescriptor> file);
  void forget(const Id& id);

 private:
  struct Kept {
    std::shared_ptr<const FileDescriptor> file;
    std::uint64_t since = 0;
  };
  mutable std::mutex mutex_;
  std::map<Id, Kept> kept_;
  std::uint64_t next_ = 0;
};

}  // namespace fieldmedic
