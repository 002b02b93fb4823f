// Files of a host over SSH: which version is there, and another in its place in one move. What is
// in them stays over there. Needs a POSIX shell and coreutils (sha256sum, stat, ln and mv with -T,
// sync of one file). Pure, but for the commands being run by whoever asked for them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/process_runner.hpp"
#include "common/result.hpp"

namespace fieldmedic {

// Asks for the digests of what is there. Each path is absolute and clean, and at most
// kLargestReplaced (file_replace.hpp) is read of each.
[[nodiscard]] Command ask_digests(const std::vector<std::string>& paths);

// A digest (64 hexadecimal digits) of each of those paths, or why there is none, as read_version()
// has it: Errc::NotFound, Conflict, TooLarge, Denied, and Io where the answer is not to be
// understood. Errc::Io of the whole: it is cut off.
[[nodiscard]] Result<std::vector<Result<std::string>>> parse_digests(
    std::string_view text, const std::vector<std::string>& paths);

// As Replacement, with what comes there in a file over there.
struct FarReplacement {
  std::string path;
  std::string seen;                     // the digest of what is there; empty: nothing is
  std::string keep;                     // the name beside it under which that stays
  std::string good;                     // the file whose content comes there
  std::string sha256;                   // of that
  std::string refused;                  // the name beside it for what `check` did not pass
  std::vector<std::string> check = {};  // exits with 0 while what came there is right; empty: none
  std::chrono::milliseconds check_timeout{0};
  bool begun = false;  // an attempt before this one may have made the change: then only checked
};

// How far_replace() exits. With any other code it may have made the change.
inline constexpr int kFarReplaced = 0;      // it is there, on disk and right
inline constexpr int kFarRefused = 1;       // nothing was changed, or what was there is back
inline constexpr int kFarWorldDiffers = 3;  // nothing was changed: it was not as seen any more

// Between its last look at what is there and the move lies a moment of some ms, in which a change
// by another would be lost: over there no shell can exchange two names. Names ".NAME.fieldmedic"
// and ".NAME.fieldmedic-was" beside it are ours. No timeout is set.
[[nodiscard]] Command far_replace(const FarReplacement& replacement);

}  // namespace fieldmedic
