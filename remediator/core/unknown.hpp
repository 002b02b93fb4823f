// Which errors say nothing of the world.
#pragma once

#include "common/result.hpp"

namespace fieldmedic::core {

// An error after which the world is merely not known; any other says that the remedy does not fit.
[[nodiscard]] constexpr bool is_unknown(Errc code) {
  switch (code) {
    case Errc::Unavailable:
    case Errc::Timeout:
    case Errc::Io:
    case Errc::Full:
    case Errc::Cancelled: return true;
    case Errc::Invalid:
    case Errc::Malformed:
    case Errc::NotFound:
    case Errc::Denied:
    case Errc::Conflict:
    case Errc::TooLarge: return false;
  }
  return true;
}

}  // namespace fieldmedic::core
