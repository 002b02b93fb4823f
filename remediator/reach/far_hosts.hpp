// The hosts that are not this machine, by name: what touches each.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/clock.hpp"
#include "common/process_runner.hpp"
#include "remediator/reach/inventory.hpp"

namespace fieldmedic {

class Systemd;

struct FarHost {
  SshAccess access{};
  std::shared_ptr<ProcessRunner> runner;  // never null; thread-safe, as the next
  std::shared_ptr<Systemd> systemd;       // never null
};

using FarHosts = std::map<std::string, FarHost, std::less<>>;

// Those of the inventory. Connects to none yet. A host that is reached as in `before` (may be null)
// keeps its connection. `clock` must outlive the answer.
[[nodiscard]] std::shared_ptr<const FarHosts> make_far_hosts(const Inventory& inventory,
                                                             const Clock& clock,
                                                             const FarHosts* before);

}  // namespace fieldmedic
