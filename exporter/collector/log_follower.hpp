// Follows all the log files of one collector: what its patterns match, each with a tail of its own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "exporter/collector/log_rotation.hpp"
#include "exporter/collector/log_tail.hpp"
#include "exporter/collector/stream_state.hpp"

namespace fieldmedic {

struct LogSelection {
  std::vector<std::string> patterns;  // LogPattern takes each
  std::size_t most_files = 64;
  std::size_t first_bytes = 0;  // of each file that is there when nothing is remembered
};

// What one pass saw, over all files.
struct FollowProgress {
  TailProgress tails;
  std::size_t files = 0;       // that are open
  std::size_t readable = 0;    // paths that could be read, or have nothing there
  std::size_t left_out = 0;    // over most_files
  std::optional<Error> error;  // the first of a path that could not be read
};

// Files that are there at the very first look are begun at their end, files that appear later at
// their beginning. Of more than most_files those are followed that were written to last; the others
// are taken up where they were left when somebody writes to them. Not thread-safe. `files` outlives
// it.
class LogFollower {
 public:
  // `remembered`: its positions are taken up again; empty: nothing is known.
  LogFollower(LogFiles& files, LogSelection config, const StreamState* remembered);

  // Every whole line that is new, within the budget; the rest follows with the next pass, which
  // begins with another file.
  FollowProgress read(TailBudget& budget, const LogTail::LineSink& sink);
  // Patterns and positions; `numbers` are the caller's.
  [[nodiscard]] StreamState state() const;

 private:
  struct Watched {
    LogPattern pattern;
    bool seen = false;  // its folder was looked at: what appears now is new
  };

  // What the patterns match now.
  struct Found {
    std::map<std::string, FirstLook> files;     // to be followed, by path
    std::map<std::string, TailPosition> spare;  // over most_files, and where to begin with them
  };

  void find_files(SteadyTime deadline, FollowProgress& progress);
  void match(Watched& watched, SteadyTime deadline, Found& found, FollowProgress& progress);
  void let_go(const Found& found, SteadyTime deadline);

  LogFiles* files_;
  LogSelection config_;
  std::vector<Watched> watched_;
  std::map<std::string, LogTail> tails_;         // by path
  std::map<std::string, TailPosition> retired_;  // of files over most_files, by path
  std::string next_;                             // which tail is read first
};

}  // namespace fieldmedic
