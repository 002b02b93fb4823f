// What an HTTP exchange says about a delivery, as far as all channels agree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/http_client.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "remediator/notify/notifier.hpp"

namespace fieldmedic {

// The answer of an exchange that tells by itself that nothing was delivered: no answer and 5xx, 408
// and 429 may be tried again (429 not before its Retry-After), any other status but 2xx is final.
// Empty for 2xx, whose body decides.
[[nodiscard]] std::optional<DeliveryAnswer> failed_exchange(const Result<HttpResponse>& response);

// Text of the other side for DeliveryAnswer::detail: one line of at most 200 bytes, in which
// `secret` is not to be found.
[[nodiscard]] std::string foreign_detail(std::string_view text, const Secret& secret);

}  // namespace fieldmedic
