// What an API server says when it refuses. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/http_client.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"

namespace fieldmedic {

// The error that an answer other than 2xx is; `asked` says what was asked for ("patch
// deployment/orders in collect"). One line with what to do. Of the Status object's message at most
// 300 bytes are kept, and none of `secret`, also where the server sends it back.
//   Denied 401, 403 · NotFound 404 · Conflict 409 · Unavailable 410, 429: nothing was done
//   Invalid 400, 405, 413, 415, 422, 3xx, and 404 that names no object: nothing was done
//   Io all else: whether something was done is not known
[[nodiscard]] Error explain_refusal(const HttpResponse& answer, std::string_view asked,
                                    const Secret& secret = {});

// The pod disruption budget that forbids an eviction (429); none: it is another limit, or none.
[[nodiscard]] std::optional<std::string> budget_that_forbids(const HttpResponse& answer,
                                                             const Secret& secret = {});

}  // namespace fieldmedic
