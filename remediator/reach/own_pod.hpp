// Whether a pod is the one that we run in.
#pragma once

#include <string>
#include <string_view>

#include "common/host_root.hpp"

namespace fieldmedic {

// What the kernel shows of the pod around us, from our control groups and mounts; empty: we run in
// none.
[[nodiscard]] std::string traces_of_own_pod(const HostRoot& host);

// Whether `traces` are those of the pod with this uid.
[[nodiscard]] bool is_own_pod(std::string_view traces, std::string_view uid);

}  // namespace fieldmedic
