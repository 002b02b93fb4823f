// Follows one growing file: every whole line once, through rotation by rename and by copytruncate.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.hpp"
#include "common/file_descriptor.hpp"
#include "common/result.hpp"

namespace fieldmedic {

struct TailLimits {
  // How much of a file that is there already is read when it is first seen, from its end.
  std::size_t first_bytes = 0;
  std::size_t bytes_per_read = 4uz * 1024 * 1024;  // the rest is left for the next read
  std::size_t line_bytes = 64uz * 1024;            // a longer line is cut, its rest is dropped
};

// What one read saw.
struct TailProgress {
  std::uint64_t bytes = 0;  // read, whether or not they made whole lines
  // Last modification of the file that is open (the one at the path, or the one that was renamed);
  // empty: there is none, or it has no content.
  std::optional<WallTime> wrote_at;
};

// A line that has no end yet is left until it has; only when its file was renamed away is it given
// as it is, since nobody will finish it. A file that appears later than the first read is read from
// its beginning. Truncation is seen by the size, and by the last bytes read when the file has grown
// past its old size meanwhile. Lines written to a renamed file after it was left are lost.
// Not thread-safe.
class LogTail {
 public:
  // A line without its newline (and without '\r' before it); valid during the call only.
  using LineSink = std::function<void(std::string_view line)>;

  LogTail(std::filesystem::path path, TailLimits limits)
      : path_(std::move(path)), limits_(limits) {}

  // Errc::Denied, Errc::Io, Errc::Invalid when it is no regular file. A missing file is no error.
  [[nodiscard]] Result<TailProgress> read(const LineSink& sink);

 private:
  enum class Here { Same, Other, Missing };

  [[nodiscard]] Result<bool> open();  // false: not there
  [[nodiscard]] Result<Here> look_at_path() const;
  [[nodiscard]] Status restart_if_truncated();
  // Reads to the end or until `budget` is used up.
  [[nodiscard]] Status read_on(std::size_t& budget, const LineSink& sink);
  void take(std::string_view chunk, const LineSink& sink);
  void add_to_line(std::string_view part);
  void end_line(const LineSink& sink);
  void remember(std::string_view chunk);
  void start_at(off_t offset);

  std::filesystem::path path_;
  TailLimits limits_;
  bool looked_before_ = false;
  FileDescriptor file_;
  off_t offset_ = 0;
  std::string line_;        // the beginning of a line whose end was not read yet
  bool skip_line_ = false;  // until its newline: it began before our start
  std::string last_bytes_;  // right before offset_
};

}  // namespace fieldmedic
