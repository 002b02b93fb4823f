// Any gateway that takes a message by HTTP, SMS gateways above all:
//   http: {url: U, method: POST|PUT, headers: {N: V}, username: U, password_file: F, bearer_file:
//   F,
//          ca_file: F, content_type: T, body: B, success: {json_pointer: P, equals: V}, timeout:
//          5s}
#pragma once

#include <memory>

#include "remediator/notify/notifier.hpp"

namespace fieldmedic {

// The body is a template over message.title, message.text, message.kind and message.id, each value
// encoded for the place that the content type makes of it: a JSON string, a form's value, plain
// text. Delivered is a 2xx whose body, when `success` is given, holds that value at that pointer
// (RFC 6901); gateways report failure inside of 200. A 2xx that is not JSON then is no gateway's
// word, and is tried again.
[[nodiscard]] std::unique_ptr<Notifier> read_http_notifier(const YamlMap& map,
                                                           const NotifierTools& tools);

}  // namespace fieldmedic
