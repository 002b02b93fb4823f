// Asks Alertmanager back for what a webhook lost.
#pragma once

#include <stop_token>
#include <vector>

#include "common/http_client.hpp"
#include "common/result.hpp"
#include "remediator/config.hpp"
#include "remediator/core/alert.hpp"
#include "remediator/core/input.hpp"

namespace fieldmedic {

// The alerts that fire for our receiver now (GET /api/v2/alerts of each Alertmanager, all that any
// of them has), routed by this configuration. An error (none of them answers) is asked again later;
// an empty list means nothing about those that were lost (S6).
[[nodiscard]] Result<core::AskedBack> ask_alertmanager(const RemediatorConfig& config,
                                                       HttpClient& http, std::stop_token stop);

// Every alert that it has for our receiver now, also one that is silenced or inhibited there. An
// error when any of its addresses does not answer: what the others lack may be there.
[[nodiscard]] Result<std::vector<core::AlertKey>> ask_existing_alerts(
    const RemediatorConfig& config, HttpClient& http, std::stop_token stop);

}  // namespace fieldmedic
