// What a WeCom group robot takes and answers (developer.work.weixin.qq.com, message push; field by
// field in protocols: 2048 bytes of text, 4096 of markdown, errors inside of HTTP 200).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http_client.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "remediator/core/message.hpp"
#include "remediator/notify/notifier.hpp"

namespace fieldmedic {

enum class WecomFormat { Markdown, Text };

// The bodies to send, in order; the same message gives the same bytes. Nothing in a message's
// values can mention people, make links or colours: they may come from a stranger.
[[nodiscard]] std::vector<std::string> wecom_bodies(const core::Message& message,
                                                    WecomFormat format);

// What became of one body. `key` is kept out of the detail.
[[nodiscard]] DeliveryAnswer wecom_answer(const Result<HttpResponse>& response, const Secret& key);

}  // namespace fieldmedic
