// A command that only looks at another host, and is killed over there when its time has passed.
#pragma once

#include "common/process_runner.hpp"

namespace fieldmedic {

// Not every sshd passes on our word that it shall end, and each that hangs (in a file of /proc,
// say) would hold one of the few sessions that an sshd allows a connection. Needs timeout(1) over
// there, whose exit code is 137 then; our own deadline is a second before it.
[[nodiscard]] Command killed_in_time(Command command);

// For a POSIX shell with coreutils, before the text of a look: `there PATH` ends the (sub)shell
// with a line on why not, "gone" or "bad WORDS", where there is nothing at PATH to be looked at.
inline constexpr const char* kThere = R"sh(
there() {
  said=$(stat -- "$1" 2>&1 >/dev/null)
  case $said in
    '') return ;;
    *'No such file or directory') echo gone ;;
    *) echo "bad $said" ;;
  esac
  exit
}
)sh";

}  // namespace fieldmedic
