// Follows one growing file: every whole line once, through rotation by rename and by copytruncate,
// and through restarts of our own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/collector/log_files.hpp"
#include "exporter/collector/tail_position.hpp"

namespace fieldmedic {

inline constexpr std::size_t kLongestLine = 64uz * 1024;  // a longer one is cut, its rest dropped

// What a pass over some files may still take; a chunk that is begun is finished.
struct TailBudget {
  const Clock& clock;
  SteadyTime stop_at;
  std::size_t bytes = 4uz * 1024 * 1024;

  [[nodiscard]] bool spent() const { return bytes == 0 || clock.steady() >= stop_at; }
};

// What one read saw.
struct TailProgress {
  std::uint64_t bytes = 0;      // taken, whether or not they made whole lines
  std::uint64_t cut_lines = 0;  // longer than kLongestLine
  std::uint64_t gaps = 0;       // the file was truncated or replaced, and the rest of what we read
                                // was not to be found: lines may be lost
  std::uint64_t lag = 0;        // bytes that are there and not read yet, as far as we know
  std::optional<WallTime> wrote_at;  // last modification of the file read; empty: it has no content

  TailProgress& operator+=(const TailProgress& other);
};

// Where to begin with a file that is there when it is looked at for the first time.
enum class FirstLook { AtEnd, AtBeginning };

// A line that has no end yet is left until it has; only when its file was renamed away is it given
// as it is, since nobody will finish it. A file that was renamed is left when there is something in
// its successor; generations that came and went between two reads are read in the order of their
// last modification. Truncation is seen by the size and by the mark, and the rest of what we read
// is looked for in the copies that rotation leaves. Not thread-safe. `files` outlives it.
class LogTail {
 public:
  // A line without its newline (and without '\r' before it), valid during the call only, and the
  // context that travels with the position.
  using LineSink = std::function<void(std::string_view line, std::uint32_t& context)>;

  // `first_bytes`: how much of a file that is begun at its end is read, whole lines only.
  LogTail(LogFiles& files, std::string path, FirstLook first, std::size_t first_bytes = 0);
  // Goes on where another one was.
  LogTail(LogFiles& files, TailPosition position);
  // What was read before an error counts, and is in `progress`. A missing file is no error.
  [[nodiscard]] Status read(TailBudget& budget, const LineSink& sink, TailProgress& progress);
  // Empty before the first file was found.
  [[nodiscard]] std::optional<TailPosition> position() const;
  [[nodiscard]] const std::string& path() const { return at_.path; }
  [[nodiscard]] bool has_file() const { return !file_.path.empty(); }
  // Lets go of the file; to be called before a tail that is needed no more is thrown away.
  void close(SteadyTime deadline);

 private:
  enum class Drained { ToTheEnd, OutOfBudget, Truncated };

  [[nodiscard]] Result<bool> open(TailBudget& budget, TailProgress& progress);  // false: not there
  [[nodiscard]] Result<bool> find_rest(SteadyTime deadline);
  [[nodiscard]] Result<bool> adopt_if_ours(const std::string& path, SteadyTime deadline);
  [[nodiscard]] std::vector<FolderEntry> generations(SteadyTime deadline);
  [[nodiscard]] Status begin(const FollowedFile& file, std::uint64_t offset, SteadyTime deadline);
  [[nodiscard]] Result<Drained> drain(TailBudget& budget, const LineSink& sink,
                                      TailProgress& progress);
  [[nodiscard]] std::size_t take(std::string_view text, const LineSink& sink,
                                 TailProgress& progress);
  void give(std::string_view line, const LineSink& sink, TailProgress& progress);
  [[nodiscard]] Status finish_line(const LineSink& sink, TailProgress& progress,
                                   SteadyTime deadline);
  [[nodiscard]] Status go_to_next(const FileStatus& at_path, SteadyTime deadline);
  void forget_position();

  LogFiles* files_;
  FirstLook first_;
  std::size_t first_bytes_ = 0;
  bool looked_before_ = false;  // a file that appears later is read from its beginning
  bool resuming_ = false;       // the file of at_ has to be found before anything else
  FollowedFile file_;           // without a path: none
  FileStatus status_;           // of file_, at the last read
  bool copy_ = false;           // file_ is one that copytruncate left: nobody writes to it
  TailPosition at_;
};

}  // namespace fieldmedic
