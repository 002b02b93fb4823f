// The words between the remediator and its dead man (dead_man.hpp). Internal to reach/.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "common/file_descriptor.hpp"
#include "common/result.hpp"

namespace fieldmedic {

inline constexpr std::string_view kArmed = "armed";
inline constexpr std::string_view kStandDown = "stand down";
inline constexpr std::string_view kDown = "down";

// A socket that listens; does not block. Errc::Conflict: the name is taken. Errc::Invalid, Io.
[[nodiscard]] Result<FileDescriptor> listen_as_dead_man(const std::string& attempt);
// A connection; an empty descriptor: nobody listens. Errc::Denied: another user does.
[[nodiscard]] Result<FileDescriptor> reach_dead_man(const std::string& attempt);

// Whether the peer is this user or root.
[[nodiscard]] bool is_trusted(const FileDescriptor& peer);
// 0: it cannot be told.
[[nodiscard]] pid_t pid_of_peer(const FileDescriptor& peer);

// False: the peer is gone. Neither waits.
[[nodiscard]] bool say_word(const FileDescriptor& peer, std::string_view word);
[[nodiscard]] std::optional<std::string> take_word(const FileDescriptor& peer);

}  // namespace fieldmedic
