// The socket a server of ours listens on.
#pragma once

#include <string_view>

#include "common/result.hpp"
#include "common/unique_fd.hpp"

namespace fieldmedic {

struct ListenSocket {
  UniqueFd fd;  // does not block, closed in children
  int port = 0;
};

// "127.0.0.1:9987", "[::1]:0", "localhost:9987", ":9987" (every address, IPv4 and IPv6); port 0:
// chosen. Errc::Conflict: in use; Denied: not allowed; Invalid: no address, or none of this
// machine. The message says what to change.
[[nodiscard]] Result<ListenSocket> listen_on(std::string_view address);

}  // namespace fieldmedic
