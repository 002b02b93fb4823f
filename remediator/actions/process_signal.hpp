// Signals exactly the processes that a plan saw. Internal to actions/.
#pragma once

#include <string>
#include <vector>

#include "common/host_root.hpp"
#include "common/yaml_reader.hpp"
#include "remediator/core/plan.hpp"
#include "remediator/reach/process_family.hpp"

namespace fieldmedic {

// `seen` of a step: {"processes": [{"pid": 4711, "start": 123456}]}.
[[nodiscard]] std::string seen_processes(const std::vector<ProcessInfo>& members);

// By pidfd; one that has ended meanwhile is left out. Errc::Denied: not ours to signal; when it was
// not the first, others have got theirs. Errc::Invalid: `seen` is of another kind.
[[nodiscard]] Status signal_processes(const std::string& seen, int number, const HostRoot& host);

// HUP, USR1 or USR2 of `signal`; `otherwise` when it is absent.
[[nodiscard]] int read_signal(const YamlMap& arguments, int otherwise);

}  // namespace fieldmedic
