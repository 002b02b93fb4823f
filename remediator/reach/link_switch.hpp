// Points a symbolic link elsewhere in one move, so that whoever opens through it finds the one or
// the other, never nothing.
#pragma once

#include <string>

#include "common/result.hpp"

namespace fieldmedic {

// Its folder is opened without following links. Errc::NotFound: there is none. Errc::Conflict: it
// is no link. Errc::Denied, Io.
[[nodiscard]] Result<std::string> read_link(const std::string& path);

// The link points to `wanted` and that is on disk, or nothing was changed: Errc::Conflict when it
// did not point to `seen`, Denied, NotFound, Io. A name ".NAME.fieldmedic" beside it is ours.
[[nodiscard]] Status switch_link(const std::string& path, const std::string& seen,
                                 const std::string& wanted);

}  // namespace fieldmedic
