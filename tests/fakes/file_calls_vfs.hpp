// SQLite's own file system, with somebody who sees each call on a file before it is made and may
// answer it instead.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

struct sqlite3_vfs;

namespace fieldmedic {

enum class FileOp { Open, Access, Remove, Size, Read, Write, Truncate, Sync, Lock };

[[nodiscard]] std::string_view to_string(FileOp op);

struct FileCall {
  FileOp op = FileOp::Open;
  std::string_view path;
  std::int64_t offset = 0;      // of a Write; of a Truncate the new size
  std::span<const char> bytes;  // of a Write
  bool creates = false;         // an Open that creates the file when there is none
  bool syncs_the_name = false;  // a Remove that is durable on return
};

class FileWatch {
 public:
  virtual ~FileWatch() = default;

  // 0: it is made. kClaimed: it is not made and answered as if it was; for a Sync only, where a
  // test needs no real one. Anything else is SQLite's result code of a call that was not made.
  static constexpr int kClaimed = -1;
  [[nodiscard]] virtual int before(const FileCall& call) = 0;
};

// While it lives, SQLite opens files through `watch`; files that are open then have to be closed
// before it ends. One at a time, used by one thread at a time.
class FileCallsVfs {
 public:
  explicit FileCallsVfs(FileWatch& watch);
  ~FileCallsVfs();
  FileCallsVfs(const FileCallsVfs&) = delete;
  FileCallsVfs& operator=(const FileCallsVfs&) = delete;

 private:
  sqlite3_vfs* own_;  // SQLite's
  sqlite3_vfs* watched_;
};

}  // namespace fieldmedic
