// One file of the host (/proc, /sys) that is opened once and read again and again.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

// How the kernel hands the content out. A file that is one record comes whole with one pread; one
// that is a list of records (mounts, diskstats, net/dev) may come a page at a time.
enum class FileShape { OneRecord, ManyRecords };

// Opens on the first read and keeps the descriptor; when a read fails the file is opened again once
// (a device that went and came back). Owns descriptor and buffer. Not thread-safe: one module, one
// KeptFile.
class KeptFile {
 public:
  explicit KeptFile(std::filesystem::path path, FileShape shape = FileShape::OneRecord);
  ~KeptFile();
  KeptFile(KeptFile&& other) noexcept;
  KeptFile(const KeptFile&) = delete;
  KeptFile& operator=(const KeptFile&) = delete;
  KeptFile& operator=(KeptFile&&) = delete;

  // The content from its first byte, valid until the next read(). Errc::NotFound: this host does
  // not have it (no such file, or the kernel has the feature switched off); Denied; TooLarge: over
  // 8 MiB; Io.
  [[nodiscard]] Result<std::string_view> read();
  // Whether read() would not say NotFound: what a module asks before it is registered.
  [[nodiscard]] bool exists();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  Status open();
  void close();
  Result<std::string_view> read_open();

  std::filesystem::path path_;
  FileShape shape_;
  int descriptor_ = -1;
  std::string buffer_;
};

}  // namespace fieldmedic
