// Asking a server at one address under another name, as Prometheus' tls_config.server_name does.
#pragma once

#include <string>

#include "common/result.hpp"

namespace fieldmedic {

struct NamedTarget {
  std::string url;         // the name in the host's place: what curl verifies and says in TLS
  std::string connect_to;  // CURLOPT_CONNECT_TO: where the URL's own host is
  std::string host;        // the Host header, as the URL's own host wants it
};

// Errc::Invalid when the URL or the name cannot be read.
[[nodiscard]] Result<NamedTarget> name_target(const std::string& url, const std::string& name);

}  // namespace fieldmedic
