// A WeCom group robot: {wecom_robot: {key_file: F, format: markdown|text, url: U, timeout: 5s}}.
#pragma once

#include <memory>

#include "remediator/notify/notifier.hpp"

namespace fieldmedic {

// Sends at most 18 messages in any 60 seconds (WeCom allows 20 and then blocks for a minute); what
// is beyond answers Retry with the time to wait. The key stands in the URL that is sent, nowhere
// else.
[[nodiscard]] std::unique_ptr<Notifier> read_wecom_robot(const YamlMap& map,
                                                         const NotifierTools& tools);

}  // namespace fieldmedic
