// The exporter's own process, under the names every Prometheus client library uses (process_*).
#pragma once

#include <memory>

#include "exporter/module.hpp"

namespace fieldmedic {

// From common/self_metrics.hpp.
[[nodiscard]] std::unique_ptr<Module> make_self_module();

}  // namespace fieldmedic
