// Asks the remediator.
#pragma once

#include <string>

#include "common/http_client.hpp"
#include "common/server_access.hpp"
#include "tool/ask.hpp"

namespace fieldmedic::tool {

// The body of its 200. Errors are for the person at the terminal, with what the remediator said:
// Errc::Invalid (400), Denied (401, 403), NotFound (404), Conflict (409: not as things stand),
// Unavailable (away, or it cannot serve now), Malformed (what answers is no remediator).
[[nodiscard]] Result<std::string> ask_remediator(HttpClient& http, const ServerAccess& access,
                                                 const Ask& ask);

}  // namespace fieldmedic::tool
