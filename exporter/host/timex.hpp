// How well the kernel's clock is kept, from adjtimex(2), as node_exporter names it
// (node_timex_offset_seconds, node_timex_sync_status …). Only read: no mode is set.
#pragma once

#include <memory>

#include "exporter/module.hpp"

struct timex;

namespace fieldmedic {

// `state` is what adjtimex answered: TIME_ERROR means that the clock is not synchronised.
[[nodiscard]] Families timex_families(const timex& time, int state);

// nullptr: the kernel does not let us ask.
[[nodiscard]] std::unique_ptr<Module> make_timex_module();

}  // namespace fieldmedic
