// Mounts of this host or of another, looked at by a child process: one that hangs holds that child
// and nobody else.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "common/process_runner.hpp"
#include "remediator/reach/mount_table.hpp"

namespace fieldmedic {

enum class MountAnswers {
  NotAsked,
  Well,
  Denied,  // we may not look, or cannot, so nothing is known
  Fails,   // it answers with an error
  Hangs,   // within kMountAnswer, or a look from before still does
};

struct MountState {
  std::string point;
  std::optional<MountEntry>
      mounted;  // nothing, or only autofs that waits for somebody to come: none
  MountAnswers answers = MountAnswers::NotAsked;
  std::string error;  // of Fails, Denied: one line
};

// Each is given so long, all at once. There is one look at a mount at a time: while one hangs, no
// other is begun.
inline constexpr std::chrono::seconds kMountAnswer{5};
inline constexpr std::size_t kMostMounts = 16;

enum class MountLook { TableOnly, AskEach };

// As process 1 sees them, or as we do where that may not be looked at. `procfs` is that of the
// machine where the runner runs. Blocks for kMountAnswer and 15 s at most; TableOnly
// touches no mount. Errors: those of the runner, and Errc::Io when the table cannot be read. The
// points are clean paths without control characters, each once.
[[nodiscard]] Result<std::vector<MountState>> look_at_mounts(ProcessRunner& runner,
                                                             const std::string& procfs,
                                                             const std::vector<std::string>& points,
                                                             MountLook look,
                                                             const std::stop_token& stop);
// As look_at_mounts, of a host over SSH.
[[nodiscard]] Result<std::vector<MountState>> look_at_far_mounts(
    ProcessRunner& runner, const std::vector<std::string>& points, MountLook look,
    const std::stop_token& stop);

// What the child printed about so many mounts; Errc::Io: not all of it. Pure.
[[nodiscard]] Result<std::vector<MountState>> parse_mount_looks(
    const std::vector<std::string>& points, std::string_view text);

}  // namespace fieldmedic
