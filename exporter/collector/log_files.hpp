// The file client's answers in the words of somebody who follows logs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/clock.hpp"
#include "common/result.hpp"
#include "exporter/files/file_client.hpp"

namespace fieldmedic {

// What a file is, whatever it is called now.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  friend bool operator==(const FileId&, const FileId&) = default;
};

struct FileStatus {
  FileId id;
  std::uint64_t size = 0;  // bytes
  WallTime modified{};
  bool named = true;  // false: removed, and still open
};

// A file that the file helper keeps open for us, also when it is renamed or removed.
struct FollowedFile {
  std::string path;  // where it was opened
  FileId id;
};

struct FilePiece {
  std::string bytes;  // fewer than asked for: the end of the file
  FileStatus status;  // as of the first read
};

struct FolderEntry {
  std::string name;
  FileStatus status;
};

// Regular files only. Errors: NotFound (not there; or followed no longer, because the helper was
// started anew and the file has another name), Denied, Invalid (no regular file), Io, TooLarge,
// Timeout (no answer by the deadline), Unavailable (no helper). Not thread-safe.
class LogFiles {
 public:
  explicit LogFiles(std::shared_ptr<FileClient> client) : client_(std::move(client)) {}

  [[nodiscard]] Result<std::pair<FollowedFile, FileStatus>> follow(const std::string& path,
                                                                   SteadyTime deadline);
  // Waits for nothing but to be sent; a file that nobody forgets is closed when the helper ends.
  void forget(const FollowedFile& file, SteadyTime deadline);
  [[nodiscard]] Result<FilePiece> read(const FollowedFile& file, std::uint64_t offset,
                                       std::size_t most, SteadyTime deadline);
  // The last bytes of what is at the path now, without following it.
  [[nodiscard]] Result<std::string> read_end(const std::string& path, std::size_t most,
                                             SteadyTime deadline);
  [[nodiscard]] Result<FileStatus> status(const std::string& path, SteadyTime deadline);
  // The regular files of a folder whose names `wanted` takes, the one written to last in front.
  // TooLarge: more than 4096 are wanted.
  [[nodiscard]] Result<std::vector<FolderEntry>> list(
      const std::string& folder, const std::function<bool(const std::string& name)>& wanted,
      SteadyTime deadline);

 private:
  [[nodiscard]] Result<std::vector<std::string>> names_in(
      const std::string& folder, const std::function<bool(const std::string& name)>& wanted,
      SteadyTime deadline);

  std::shared_ptr<FileClient> client_;
};

}  // namespace fieldmedic
