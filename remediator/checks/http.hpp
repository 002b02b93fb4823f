// http {urls: ["http://127.0.0.1:8080/health"], status: 200, timeout: 2s}: whether every URL
// answers with the status; `urls` hold neither user nor query, since a playbook is journaled.
// Without `urls`, the collector's health URLs. One after the other, ending at the first that does
// not pass; the timeout is each URL's, so that a slow one is not judged by how many others there
// are, and 16 of them bound the check. Refused or silent fails; what may be our own trouble (a name
// that cannot be resolved, no descriptor, TLS) is unknown.
#pragma once

#include <memory>
#include <string>

#include "common/yaml_reader.hpp"
#include "remediator/checks/check.hpp"

namespace fieldmedic {

[[nodiscard]] std::string read_http_check(const YamlMap& arguments);
[[nodiscard]] Result<std::unique_ptr<Check>> make_http_check(const std::string& arguments,
                                                             const CheckTools& tools);

}  // namespace fieldmedic
