// A command that only looks at another host, and is killed over there when its time has passed.
#pragma once

#include "common/process_runner.hpp"

namespace fieldmedic {

// Not every sshd passes on our word that it shall end, and each that hangs (in a file of /proc,
// say) would hold one of the few sessions that an sshd allows a connection. Needs timeout(1) over
// there, whose exit code is 137 then; our own deadline is a second before it.
[[nodiscard]] Command killed_in_time(Command command);

}  // namespace fieldmedic
