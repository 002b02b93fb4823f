// How `fieldmedic` ends, for scripts (sysexits.h where it has a number). docs/operations.md has the
// same list.
#pragma once

#include "common/result.hpp"

namespace fieldmedic::tool {

enum class ExitCode {
  Done = 0,
  No = 1,            // understood, and the answer is no: nothing to approve, an altered journal
  Usage = 64,        // the command line makes no sense
  Unavailable = 69,  // the remediator cannot be reached, or cannot serve now
  Io = 74,           // a file cannot be read
  Denied = 77,       // the credentials or the role do not suffice
  Config = 78,       // a configuration is wrong
};

[[nodiscard]] constexpr ExitCode exit_code_of(Errc code) {
  switch (code) {
    case Errc::Invalid: return ExitCode::Usage;
    case Errc::Malformed:
    case Errc::NotFound:
    case Errc::Conflict:
    case Errc::TooLarge:
    case Errc::Cancelled: return ExitCode::No;
    case Errc::Denied: return ExitCode::Denied;
    case Errc::Unavailable:
    case Errc::Timeout: return ExitCode::Unavailable;
    case Errc::Full:
    case Errc::Io: return ExitCode::Io;
  }
  return ExitCode::No;
}

}  // namespace fieldmedic::tool
