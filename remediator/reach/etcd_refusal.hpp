// What an answer of etcd that is no answer means for whoever set its access up.
#pragma once

#include <string>

#include "common/http_client.hpp"

namespace fieldmedic {

// One line with the member's URL, the status and what to do, in our own words. Pure.
[[nodiscard]] std::string explain_refusal(const std::string& url, const HttpResponse& response);

// A login was refused because nobody has to log in. Pure.
[[nodiscard]] bool knows_no_users(const HttpResponse& response);

}  // namespace fieldmedic
