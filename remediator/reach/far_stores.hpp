// Stores of a host over SSH: where a link points, what lies in a folder, whether there is room, who
// holds files of it open. Needs a POSIX shell, coreutils, GNU grep and find. Pure, but for the
// commands being run by whoever asked for them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/process_runner.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// Where the symbolic link points. As read_link(): Errc::NotFound: there is none. Conflict: it is no
// link, or lies behind one. Io: the answer cannot be read.
[[nodiscard]] Command ask_link(const std::string& link);
[[nodiscard]] Result<std::string> parse_link(std::string_view text, const std::string& link);

struct FarStore {
  std::uint64_t files = 0;  // regular ones, at any depth; more than kMostEntries: at least so many
  std::uint64_t bytes = 0;  // in those
  std::uint64_t free_blocks = 0;
  std::uint64_t blocks = 0;
  std::uint64_t free_inodes = 0;
  std::uint64_t inodes = 0;  // 0: this file system counts none
};
// Errc::NotFound: no such folder. Conflict: it is none, lies behind a link, or something is mounted
// inside. Io: not all of it, or not the answer, can be read.
[[nodiscard]] Command ask_store(const std::string& folder);
[[nodiscard]] Result<FarStore> parse_store(std::string_view text, const std::string& folder);

// Which of the processes hold a file below the folder open. Errc::Denied: that cannot be read of
// one. Io: the answer cannot be read.
[[nodiscard]] Command ask_holders(const std::string& folder, const std::vector<pid_t>& processes);
[[nodiscard]] Result<std::vector<pid_t>> parse_holders(std::string_view text,
                                                       const std::vector<pid_t>& processes);

// Points a link from `seen` to `wanted` in one move; exits as far_replace() (far_files.hpp) does. A
// change by another in the ms between its last look and the move is lost. A name ".NAME.fieldmedic"
// beside it is ours. No timeout is set.
[[nodiscard]] Command far_switch_link(const std::string& link, const std::string& seen,
                                      const std::string& wanted);

}  // namespace fieldmedic
