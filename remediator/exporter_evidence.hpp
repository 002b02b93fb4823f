// What the exporter of a host says about a collector that was found sick: evidence for people, told
// beside the checks and never a reason to act.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "common/http_client.hpp"
#include "common/result.hpp"
#include "common/server_access.hpp"

namespace fieldmedic {

// The answer of /diagnose in a few lines: the verdict of each check, and what is suspect or cannot
// be told. At most 2 KiB of UTF-8 without secrets and control characters, whatever came.
// Errc::Malformed: it is none. Pure.
[[nodiscard]] Result<std::string> summary_of(std::string_view body);

// Waits three seconds at most; asked in a way that makes the exporter answer in two. Errors as
// HttpClient has them; Unavailable for a status other than 200.
[[nodiscard]] Result<std::string> ask_exporter(const ServerAccess& exporter, HttpClient& http,
                                               std::string_view collector, std::stop_token stop);

// The same in words, also when nothing came: "its exporter says: …", "its exporter says nothing:
// …".
[[nodiscard]] std::string evidence_about(std::string_view collector, const ServerAccess& exporter,
                                         HttpClient& http, std::stop_token stop);

}  // namespace fieldmedic
