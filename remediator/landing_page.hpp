// What people see who open the remediator's address in a browser.
#pragma once

#include "common/http_server.hpp"

namespace fieldmedic {

// GET /: what can be read where, as HTML. Says nothing of the fleet. Thread-safe.
[[nodiscard]] Route landing_route();

}  // namespace fieldmedic
