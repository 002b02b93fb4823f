// What uname(2) says, as node_exporter names it: node_uname_info{sysname,release,…} 1.
#pragma once

#include <memory>

#include "exporter/module.hpp"

struct utsname;

namespace fieldmedic {

[[nodiscard]] Families uname_families(const utsname& names);

[[nodiscard]] std::unique_ptr<Module> make_uname_module();

}  // namespace fieldmedic
