// The exporter's own process, under the names every Prometheus client library uses (process_*).
#pragma once

#include <memory>

#include "exporter/module.hpp"

namespace fieldmedic {

// Reads this process itself from /proc/self, whatever --path.procfs says. CPU time includes that of
// helpers that have ended, not of those that run.
[[nodiscard]] std::unique_ptr<Module> make_self_module();

}  // namespace fieldmedic
