// Asks Prometheus how the members of a group are.
#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <string_view>

#include "common/http_client.hpp"
#include "common/result.hpp"
#include "common/server_pool.hpp"
#include "remediator/core/group_health.hpp"

namespace fieldmedic {

// Reads the answer of Prometheus' /api/v1/query to collector_up; of other hosts than `hosts`
// nothing is taken. Errc::Malformed: it is none. A pure function.
[[nodiscard]] Result<core::GroupHealth> parse_group_health(
    std::string_view body, const std::set<std::string, std::less<>>& hosts);

// Samples older than a minute are none. Errc::Unavailable and others: it cannot be told, which is
// never "well".
[[nodiscard]] Result<core::GroupHealth> ask_group_health(
    const ServerPool& prometheus, HttpClient& http, const std::set<std::string, std::less<>>& hosts,
    std::stop_token stop);

}  // namespace fieldmedic
