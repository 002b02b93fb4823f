// The HTTP API: incidents and their timelines, as JSON. Read-only.
#pragma once

#include <string>
#include <vector>

#include "common/http_server.hpp"
#include "remediator/engine.hpp"

namespace fieldmedic {

// GET /api/v1/incidents?state=open|ended&limit=N and GET /api/v1/incidents/ID. Handlers ask the
// engine's thread, so what they show is on disk. `engine` must outlive the server.
[[nodiscard]] std::vector<Route> api_routes(Engine& engine);

// {"status":"error","error":"…"} with this HTTP status.
[[nodiscard]] ServerResponse error_response(int status, const std::string& message);

// For whatever changes something: 403 when a web page asks. A browser sends its cached credentials
// with what any page posts; it names the page in Origin.
[[nodiscard]] Handler refuse_web_pages(Handler handler);

}  // namespace fieldmedic
