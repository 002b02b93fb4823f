// port {addresses: ["127.0.0.1:5514"], timeout: 2s}: whether every address takes a TCP connection;
// without `addresses`, the collector's ports. All are tried at once, so that the timeout bounds the
// whole check. Refused or silent fails; what cannot be tried (no route, no descriptor) is unknown.
// Over SSH: whether somebody listens there (far_port.hpp).
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/checks/check.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_port_check(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Check>> make_port_check(const std::string& arguments,
                                                             const CheckTools& tools);

}  // namespace fieldmedic
